"""A link to an SMS gateway over HTTP: as many requests on their way as its window has slots, as fast as it may.

Decides when the gateway is away, or refuses whoever we are, and how long it is left alone then; and which failure of a
request leaves a message in doubt. Refuses to know the store, and what a status means: that is the dialect's.

`notice` is told `bound`, `refused`, `unreachable`, `throttled`, each with its why.
"""

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import httpx

from gateway.smpp.errors import NotSentError, UnansweredError
from gateway.smpp.pace import RETRY_CONFIGURATION_S, Pace, Retry
from gateway.smpp.pdu.status import Verdict
from gateway.smpp.window import Window
from gateway.sms.dialects import dialect
from gateway.sms.dialects.wire import HttpLinkSettings, Meant, Outgoing, Submission
from gateway.sms.http_settings import trusted
from gateway.sms.outgoing import Part, Said
from gateway.sms.ports import Message

ANSWER_BYTES_MAX = 16 * 1024
"""An answer is a line, or one recipient in JSON."""
KEPT_S = 15.0
"""A connection that has been idle for longer may be closed by the other side just when a request leaves, and nobody
could tell that from a message that was taken."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Nothing of the request was on the wire. A handshake or a certificate that fails counts as well."""
REST_MIN_S = 0.5

Notice = Callable[[str, str], None]


class HttpLink:
    """Implements `outgoing.LinkPort`. To be made within a running event loop; `stop` it."""

    def __init__(self, settings: HttpLinkSettings, notice: Notice, on_free: Callable[[], None]) -> None:
        self.settings = settings
        self._dialect = dialect(settings.dialect)
        self._notice = notice
        self._loop = asyncio.get_running_loop()
        self._pace = Pace(settings.tps, self._loop.time())
        self._window: Window[Said] = Window(settings.window, self._pace, self._takes, on_free)
        self._retry = Retry()
        self._sequences = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._why_away = ""
        self._resting: asyncio.TimerHandle | None = None
        self._stopping = False
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.response_s, connect=settings.connect_s),
            limits=httpx.Limits(
                max_connections=settings.window, max_keepalive_connections=settings.window, keepalive_expiry=KEPT_S
            ),
            verify=trusted(settings),
            follow_redirects=False,  # a password is for whom it was given
            trust_env=False,  # proxies and certificates are settings of ours, not of whoever started us
        )

    @property
    def is_bound(self) -> bool:
        """Whether nothing is known against sending: HTTP has no bind, so the last request tells."""
        return not self._why_away

    @property
    def free_slots(self) -> int:
        """See `LinkPort.free_slots`."""
        return self._window.free

    def reserve(self, wanted: int) -> int:
        """See `LinkPort.reserve`."""
        return self._window.reserve(wanted)

    def release(self, unused: int) -> None:
        """See `LinkPort.release`."""
        self._window.release(unused)

    def parts(self, message: Message, text: str, at: datetime) -> Sequence[Part]:
        """See `LinkPort.parts`: one, since dividing is the gateway's matter. Its reference is the message's number."""
        outgoing = Outgoing(
            str(message.message_id),
            message.msisdn,
            message.short_number,
            text,
            message.expires_at - at,
            message.kind.wants_receipt,
        )
        return (partial(self._submit, outgoing),)

    async def stop(self, patience_s: float) -> None:
        """Begin nothing more, let what is on its way be answered, and leave nothing behind."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._resting is not None:
            self._resting.cancel()
        self._window.close()
        await self._http.aclose()

    def _takes(self) -> bool:
        """Whether requests may begin."""
        return not self._stopping and self._resting is None

    async def _submit(self, outgoing: Outgoing) -> Said:
        """One message in a slot that was reserved. A caller who is cancelled leaves the slot taken until the answer."""
        self._window.use()
        if not self._takes():
            self._window.look()
            raise NotSentError(f"{self.settings.shown} is away: {self._why_away}")
        submission = self._dialect.submit(outgoing, self.settings)
        sequence = next(self._sequences)
        task = self._loop.create_task(self._call(sequence, outgoing, submission))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await self._window.answer(sequence)

    async def _call(self, sequence: int, outgoing: Outgoing, submission: Submission) -> None:
        """One request, from its first octet to what it means. Settles its slot however it ends."""
        outcome: Said | NotSentError | UnansweredError = UnansweredError(f"{self.settings.shown}: we stopped")
        try:
            status, body = await self._post(submission)
            outcome = self._understood(self._dialect.read(status, body, outgoing), status)
        except NEVER_SENT as error:
            outcome = NotSentError(f"{self.settings.shown} was not reached")
            self._rest("unreachable", str(error) or type(error).__name__, self._retry.next(random.random))
        except (TimeoutError, httpx.HTTPError) as error:
            outcome = UnansweredError(f"{self.settings.shown}: {type(error).__name__}")
        finally:
            self._window.settle(sequence, outcome)

    async def _post(self, submission: Submission) -> tuple[int, bytes]:
        """The answer, whole and in time. Raises what httpx raises, `TimeoutError` for an answer that drips."""
        headers = {**submission.headers, "Accept-Encoding": "identity"}
        url = self.settings.url
        async with (
            asyncio.timeout(self.settings.connect_s + self.settings.response_s),
            self._http.stream("POST", url, headers=headers, content=submission.body) as response,
        ):
            body = b""
            async for octets in response.aiter_raw():
                body += octets
                if len(body) > ANSWER_BYTES_MAX:
                    break  # whatever it is, it is no answer
            return response.status_code, body

    def _understood(self, meant: Meant | None, status: int) -> Said | NotSentError | UnansweredError:
        """What an answer means for its message, and for the link."""
        if meant is None:
            return UnansweredError(f"{self.settings.shown}: {status} is no answer of {self.settings.dialect}")
        if meant.for_all:
            self._rest("refused", f"{meant.reason}; compare GATEWAY_SMS with the gateway's", RETRY_CONFIGURATION_S)
            return NotSentError(f"{self.settings.shown}: {meant.reason}")
        self._retry.reset()
        if self._why_away:
            self._why_away = ""
            self._notice("bound", "it answers again")
        self._learn(meant)
        return Said(meant.verdict, meant.message_id, meant.reason)

    def _learn(self, meant: Meant) -> None:
        """How fast the gateway can be served."""
        match meant.verdict:
            case Verdict.OK:
                self._pace.passed(self._loop.time())
            case Verdict.THROTTLE:
                pause_s = self._pace.throttled(self._loop.time())
                if pause_s:
                    rate = self._pace.rate or 0.0
                    self._notice("throttled", f"{meant.reason}: nothing for {pause_s:.0f} s, then {rate:.1f} a second")

    def _rest(self, what: str, why: str, rest_s: float) -> None:
        """Leave the gateway alone for a while; once, though a window full of requests fails together."""
        if self._resting is not None:
            return
        if self._why_away != why:
            self._why_away = why
            self._notice(what, why)
        self._resting = self._loop.call_later(max(rest_s, REST_MIN_S), self._try_again)

    def _try_again(self) -> None:
        self._resting = None
        self._window.look()
