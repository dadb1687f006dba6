"""What a session tells its shell: one value for each thing that happened, in the order in which it did."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.smpp.pdu.messages import DataSm, DeliverSm, SubmitSmResp


class Reason(StrEnum):
    """Why a connection ended, in the words that logs use."""

    BIND_REFUSED = "the bind was refused"
    BIND_UNANSWERED = "the bind was not answered"
    ENQUIRE_UNANSWERED = "enquire_link was not answered"
    RESPONSE_OVERDUE = "a submit was not answered"
    SILENCE = "nothing was heard"
    UNBOUND_BY_PEER = "the SMSC said goodbye"
    UNBOUND = "we said goodbye"
    NOT_SMPP = "what came is not SMPP"
    LOST = "the connection was cut"


@dataclass(frozen=True, slots=True)
class Bound:
    """The SMSC took the bind; `smsc` is what it calls itself."""

    smsc: str


@dataclass(frozen=True, slots=True)
class BindRefused:
    """It did not; `Closed` follows."""

    status: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message, a receipt, or an acknowledgement. To be answered once, by its token."""

    token: int
    pdu: DeliverSm | DataSm


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a submit of ours. One that was nacked has the nack's status and no id."""

    response: SubmitSmResp


@dataclass(frozen=True, slots=True)
class Closed:
    """The end, told once. What is in the outbox may still be written. `unanswered` are numbers of submits."""

    reason: Reason
    unanswered: tuple[int, ...]


Event = Bound | BindRefused | Delivered | Answered | Closed
