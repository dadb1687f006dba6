"""The operator's billing over HTTP: one order is one signed request under our reference. The contract: docs/billing.md.

Decides only what an answer means. Whoever says nothing, or something that cannot be read, may have done it; surely not
done is only what never reached them, or what they say they did not take.
"""

import asyncio
import hmac
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from gateway.errors import ConfigurationError
from gateway.fulfilment.model import Answer, Verdict
from gateway.http.access import SIGNATURE_HEADER, TIMESTAMP_HEADER
from gateway.settings import BillingAccess, Repeats
from gateway.store.orders import ClaimedOrder

CONNECT_MAX_S = 5.0
"""A billing that cannot be reached in this time has not heard of the order; it is tried again."""
ANSWER_BYTES_MAX = 16 * 1024
"""An answer is a state and a reason."""
REASON_LENGTH_MAX = 100
NUMBER = re.compile(r"\d[\d() -]{4,}")
"""In a reason: whatever may be a subscriber's number."""
CONNECTIONS_MAX = 32
"""More than orders are ever called at once, so that nobody waits for a connection."""

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Nothing of the request was on the wire. A handshake or a certificate that fails counts as well."""
NOT_US = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
NOT_NOW = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
STATES = {
    "delivered": Verdict.DELIVERED,
    "refused": Verdict.REFUSED,
    "pending": Verdict.UNKNOWN,
    "unknown": Verdict.ABSENT,
}
"""The states of an answer. `unknown` may be said of an order that was asked for, and of no other."""


class Billing:
    """Implements `model.Adapter`; close it when it is not needed any more."""

    def __init__(self, access: BillingAccess) -> None:
        self.repeats = access.repeats
        connect_s = min(CONNECT_MAX_S, access.timeout_s)
        self.call_s_max = connect_s + access.timeout_s
        self._url = access.url
        self._key = access.key.get_secret_value().encode()
        # A kept connection may be closed by the other side just when a request leaves: nobody could tell that from an
        # order that was taken. Where no order may come again, each has a connection of its own.
        kept = 0 if access.repeats is Repeats.NEVER else CONNECTIONS_MAX
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(access.timeout_s, connect=connect_s),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=kept),
            verify=trusted(access),
            follow_redirects=False,  # a signed order is for whom it was signed
            trust_env=False,  # proxies and certificates are settings of ours, not of whoever started us
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def deliver(self, order: ClaimedOrder) -> Answer:
        """See `Adapter.deliver`."""
        body = {
            "order_id": order.reference,
            "msisdn": order.msisdn,
            "reward": order.reward,
            "terms": order.terms,
            "placed_at": order.at.isoformat(),
        }
        headers = {"Idempotency-Key": order.reference, "Content-Type": "application/json"}
        answer = await self._call("POST", f"{self._url}/orders", headers, orjson.dumps(body))
        if answer.verdict is Verdict.ABSENT:  # of an order that it has just been given that is no answer
            return Answer(Verdict.UNKNOWN, answer.reason)
        return answer

    async def ask(self, order: ClaimedOrder) -> Answer:
        """See `Adapter.ask`."""
        return await self._call("GET", f"{self._url}/orders/{order.reference}", {}, b"")

    async def _call(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request; the answer is read in time, and up to its limit, or not taken at all."""
        signed = {**headers, **signature(self._key, datetime.now(UTC), body), "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(self.call_s_max),
                self._http.stream(method, url, headers=signed, content=body) as response,
            ):
                said = b""
                async for octets in response.aiter_raw():
                    said += octets
                    if len(said) > ANSWER_BYTES_MAX:
                        return Answer(Verdict.UNKNOWN, f"an answer of more than {ANSWER_BYTES_MAX} bytes")
                return meant(response.status_code, said)
        except NEVER_SENT as error:
            return Answer(Verdict.NOT_NOW, f"not reached: {type(error).__name__}", _of_tls(error))
        except (TimeoutError, httpx.HTTPError) as error:
            return Answer(Verdict.UNKNOWN, f"no answer: {type(error).__name__}")


def meant(status: int, said: bytes) -> Answer:
    """What an answer means. A state is believed, but of a server at a loss; without one, what the status says."""
    state, reason = _said(said)
    if status in NOT_US:
        return Answer(Verdict.NOT_NOW, f"status {status}: GATEWAY_BILLING_KEY is not what the billing expects", True)
    if status in NOT_NOW:
        return Answer(Verdict.NOT_NOW, f"status {status}")
    if status == HTTPStatus.ACCEPTED:
        return Answer(Verdict.UNKNOWN, "pending")
    if state in STATES and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        over = STATES[state] in {Verdict.DELIVERED, Verdict.REFUSED}
        return Answer(STATES[state], reason if reason and over else state)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.CONFLICT:
        return Answer(Verdict.NOT_NOW, f"status {status}: GATEWAY_BILLING_URL leads to no billing, or to another", True)
    return Answer(Verdict.UNKNOWN, f"status {status} without a state")


def _said(said: bytes) -> tuple[str, str]:
    """The state and the reason of a body; empty where it has none."""
    try:
        document: Any = orjson.loads(said)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(document, dict):
        return "", ""
    state, reason = document.get("state"), document.get("reason")
    return (
        state if isinstance(state, str) else "",
        _plain(reason) if isinstance(reason, str) else "",
    )


def _plain(reason: str) -> str:
    """A reason as far as it may be kept for staff: short, and without a subscriber's number."""
    return NUMBER.sub("…", "".join(filter(str.isprintable, reason)))[:REASON_LENGTH_MAX]


def _of_tls(error: BaseException | None) -> bool:
    """Whether a handshake failed: no later try will do better, until somebody changes a certificate."""
    return isinstance(error, ssl.SSLError) or (error is not None and _of_tls(error.__cause__ or error.__context__))


def signature(key: bytes, now: datetime, body: bytes) -> Mapping[str, str]:
    """The headers that prove who speaks: an HMAC over the time, a full stop, and the body (see `http.access`)."""
    timestamp = str(int(now.timestamp()))
    signed = hmac.digest(key, timestamp.encode() + b"." + body, "sha256").hex()
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signed}


def trusted(access: BillingAccess) -> ssl.SSLContext:
    """By which certificates the billing is judged. Raises `ConfigurationError` for a file that holds none."""
    try:
        return ssl.create_default_context(cafile=access.ca)
    except (OSError, ssl.SSLError):
        raise ConfigurationError(
            f"settings: GATEWAY_BILLING_CA={access.ca} cannot be read as certificates in PEM"
        ) from None
