"""The SMPP edge of USSD: a message of a USSD gateway in, a screen out by the link that it came by.

Decides when the gateway is answered: once the hop is, so that a message whose answer is not known is not acknowledged
either; an apology counts as an answer, since a dialogue cannot wait for a store. A screen that the gateway did not take
was not seen, and a result that it told goes by SMS (decision 0013). Nothing of a session is in the outbox: nobody wants
yesterday's menu.

No hop has an identity here: a message that was not acknowledged comes again under another sequence_number, and
`its_session_info` counts what each vendor likes. But whoever has our acknowledgement does not send again: a hop is new
when the one before it was acknowledged in good time over a connection that still stands; when it was not, the same
bytes are a repeat for as long as the session lives. Where another process answered the hop before, nothing is known,
and the same bytes within a moment are a repeat (decision 0003).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.errors import BadNumberError, BadRequestError, GatewayError
from gateway.smpp import ussd
from gateway.smpp.pdu.messages import DataSm, DeliverSm
from gateway.smpp.pdu.status import Status
from gateway.smpp.port import SubmitPort
from gateway.smpp.settings import LinkSettings
from gateway.store.pushes import Pushes
from gateway.ussd.answered import Answered
from gateway.ussd.dialects.wire import dialled
from gateway.ussd.handover import Fate, Handover, SessionName
from gateway.ussd.hops import Hops
from gateway.ussd.message import Doubt, EndTold, HopIdentity, Kind, Profile, UssdRequest
from gateway.ussd.pushed import push_of

ANSWER_S = 4.0
"""Of a hop: peers that have waited for 5 s give a connection up, and all that is on it."""
PROMPT_S = 2.0
"""An acknowledgement within it comes before any SMSC sends again."""
ACKNOWLEDGED_MAX = 20_000
"""Sessions of which it is known how their last hop was acknowledged."""

AnswerNow = Callable[[int], bool]


class UssdLinks:
    """USSD over all links of this process that speak it."""

    def __init__(self, hops: Hops, region: str, pushes: Pushes, handover: Handover) -> None:
        self._hops = hops
        self._region = region
        self._pushes = pushes
        self._handover = handover
        self._acknowledged: OrderedDict[SessionName, tuple[SubmitPort, int] | None] = OrderedDict()
        """Over which connection a session's last hop was; None: not in time, or not at all."""

    async def deliver(self, link: SubmitPort, pdu: DeliverSm | DataSm, answer: AnswerNow) -> None:
        """Deal with one message and answer it; then show the screen."""
        name = dialect_of(link.settings)
        try:
            heard = ussd.read(pdu, link.settings)
            msisdn = link.settings.subscriber(pdu.source, self._region)
        except (BadRequestError, BadNumberError) as error:
            answer(Status.RX_R_APPN)
            self._hops.refused(name, error.code, str(error))
            return
        if heard.kind is None:
            answer(Status.ROK)
            at = await self._hops.clock.at()
            await self._note_push(self._pushes.confirmed(msisdn, link.settings.smsc, heard.session, at))
            return
        session = (name, f"{link.settings.smsc} {heard.session}", msisdn)
        turn = self._handover.begin(session)
        try:
            await self._hop(link, pdu, answer, self._request(session, heard.kind, heard), turn)
        finally:
            self._handover.end(session, turn)

    def freed(self) -> None:
        """A link has room: screens go first, since somebody looks at a phone."""
        self._handover.freed()

    def _request(self, session: SessionName, kind: Kind, heard: ussd.Heard) -> UssdRequest:
        """The hop in neutral words."""
        service_code, arguments = _dialled(heard) if kind is Kind.OPENED else ("", "")
        return UssdRequest(
            session_id=session[1],
            msisdn=session[2],
            kind=kind,
            service_code=service_code,
            text=heard.text if kind is Kind.INPUT else arguments,
            hop=f"{kind} {heard.text}",
            doubt=self._doubt(session),
            language=heard.language,
        )

    async def _hop(
        self,
        link: SubmitPort,
        pdu: DeliverSm | DataSm,
        answer: AnswerNow,
        request: UssdRequest,
        turn: "asyncio.Future[None]",
    ) -> None:
        """Answer one hop, and show what it led to."""
        began, connection = time.perf_counter(), link.connections
        name, profile = dialect_of(link.settings), profile_of(link.settings)
        answered = await self._hops.in_time(name, request, profile)
        took_s = time.perf_counter() - began
        in_time = answer(Status.ROK) and took_s < PROMPT_S
        self._note((name, request.session_id, request.msisdn), (link, connection) if in_time else None)
        self._hops.tell(name, request, answered, took_s)
        if request.kind is Kind.CLOSED:
            return
        await self._show(link, pdu, answered, profile, turn)
        if answered.answers_push is not None:
            await self._note_push(self._pushes.answered(answered.answers_push, await self._hops.clock.at()))

    async def _show(
        self,
        link: SubmitPort,
        pdu: DeliverSm | DataSm,
        answered: Answered,
        profile: Profile,
        turn: "asyncio.Future[None]",
    ) -> None:
        reply, pushed = answered.reply, push_of(answered.uid) is not None
        screen = ussd.reply(pdu, link.settings, reply.text, ends=reply.ends, pushed=pushed)
        outcome = await self._handover.show(turn, link, screen)
        match outcome.fate:
            case Fate.SHOWN:
                await self._hops.conversation.shown(answered, profile)
            case Fate.REFUSED | Fate.UNSENT | Fate.UNANSWERED:
                await self._hops.conversation.lost(answered)
                self._hops.refused(dialect_of(link.settings), "not_shown", outcome.why)
            case Fate.OVERTAKEN:
                pass

    async def _note_push(self, told: Awaitable[None]) -> None:
        """What a subscriber did about a push is good to know, and nothing hangs on it."""
        with suppress(GatewayError):
            await told

    def _note(self, session: SessionName, acknowledged: tuple[SubmitPort, int] | None) -> None:
        """How a hop was acknowledged."""
        self._acknowledged[session] = acknowledged
        self._acknowledged.move_to_end(session)
        if len(self._acknowledged) > ACKNOWLEDGED_MAX:
            self._acknowledged.popitem(last=False)

    def _doubt(self, session: SessionName) -> Doubt:
        """Whether the other side has the acknowledgement of the session's last hop."""
        if session not in self._acknowledged:
            return Doubt.MOMENT
        acknowledged = self._acknowledged[session]
        if acknowledged is None:
            return Doubt.SESSION
        link, connection = acknowledged
        return Doubt.NEVER if link.is_bound and link.connections == connection else Doubt.SESSION


def dialect_of(link: LinkSettings) -> str:
    """What logs and metrics call the dialect of a link."""
    return f"smpp_{link.ussd}"


def profile_of(link: LinkSettings) -> Profile:
    """What the USSD gateway of a link allows, and how sure its hops are."""
    assert link.ussd is not None, "whoever calls has seen that the link speaks USSD"
    told = EndTold.BROKEN if ussd.MANNERS[link.ussd].tells_end else EndTold.NONE
    return Profile(hop_identity=HopIdentity.NONE, answer_s=ANSWER_S, tells_end=told)


def _dialled(heard: ussd.Heard) -> tuple[str, str]:
    """The service code and its arguments, wherever they stand: all in the text or all in the destination, or the code
    in one and what follows it in the other."""
    text = heard.text or heard.destination
    return dialled(text, "" if text == heard.destination else heard.destination)
