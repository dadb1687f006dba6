"""What a dialect of SMS over HTTP is made of: a request out and what its answer means, a text and a report in.

Values only; no framework, no clock. What an answer means is said in the verdicts of SMPP's statuses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from gateway.callback import Callback
from gateway.msisdn import Msisdn
from gateway.smpp.pdu.status import Verdict
from gateway.smpp.receipt import State

ID_LENGTH_MAX = 128
NUMBER_LENGTH_MAX = 32
"""Of a sender as a gateway writes it: 15 digits, signs between them, or a name of 11 letters."""
TEXT_OCTETS_MAX = 8 * 1024
"""Of a whole text, in whatever charset: 255 parts of 153 letters are 39,015, which nobody types into a phone."""


@dataclass(frozen=True, slots=True)
class HttpLinkSettings:
    """One link: where its gateway is, as whom we speak, and what its operator allows. All times are seconds.

    `user` and `password` are what the gateway calls so, or a name and a key.
    """

    dialect: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    path: str
    tls: bool
    smsc: str
    region: str | None
    window: int
    tps: int
    connect_s: float
    response_s: float
    ca: str | None = None
    route: str = ""
    """Which of the gateway's own connections messages go by; empty: as it likes."""
    receipts_url: str = field(default="", repr=False)
    """Where the gateway finds our path for receipts, if it must be told with each message. Its end may be a secret."""
    stands_in_for: str = ""
    """The account whose waiting messages it takes while none of that one's links is there; empty: none."""
    stands_in_after_s: float = 60
    one_way: str = ""
    """Beside its name in health and metrics: nothing, since texts come and go."""

    @property
    def shown(self) -> str:
        """For logs: `main kannel bolshe@kannel.example:13013`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.smsc} {self.dialect} {self.user}@{host}:{self.port}"

    @property
    def url(self) -> str:
        """Where messages are put."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send. `reference` is ours, the same each time that the message is sent; `validity` is how long it is
    worth delivering."""

    reference: str
    msisdn: Msisdn
    short_number: str
    text: str = field(repr=False)
    validity: timedelta
    wants_receipt: bool


@dataclass(frozen=True, slots=True)
class Submission:
    """The request that hands a message over: a POST."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Meant:
    """What an answer means. `message_id` names the message in its reports, where it was taken; `for_all` says that no
    other message fares better until a person has changed a setting."""

    verdict: Verdict
    message_id: str = ""
    reason: str = ""
    for_all: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A subscriber's text, whole. `id` is the gateway's, the same when it comes again, `sender` and `to` as written.
    `text` is None where what came cannot be read; then `octets` are kept for a person."""

    id: str
    sender: str
    to: str
    text: str | None = field(repr=False)
    octets: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """How a message stands that was given the id `message_id`."""

    message_id: str
    to: str
    state: State
    error: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a dialect, below `/sms/<name>`: methods, the parser of its callbacks, their OpenAPI description."""

    methods: tuple[str, ...]
    suffix: str
    parse: Callable[[Callback], Text | Report]
    documentation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A gateway's ways. `submit` words a message, `read` says what an HTTP status and a body mean; None: that is no
    answer of this gateway, and the message may have been taken. `parameters` of a link are those that others lack."""

    name: str
    port: int
    path: str
    tls: bool
    parameters: frozenset[str]
    submit: Callable[[Outgoing, HttpLinkSettings], Submission]
    read: Callable[[int, bytes, Outgoing], Meant | None]
    routes: tuple[Route, ...]
