"""How the SMSC behaves: the standing settings that a tester changes on the control port, and the orders of a moment."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.smpp.pdu.status import Status


class Receipts(StrEnum):
    """When a receipt that was asked for comes."""

    ON_TIME = "on_time"
    EARLY = "early"  # before the submit_sm_resp that names its message
    LATE = "late"
    NEVER = "never"


class Ids(StrEnum):
    """How a message id is written."""

    DECIMAL = "decimal"
    HEX = "hex"
    OPAQUE = "opaque"


class Final(StrEnum):
    """How messages end, in the words of a receipt (Appendix B)."""

    DELIVERED = "DELIVRD"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    UNDELIVERABLE = "UNDELIV"
    ACCEPTED = "ACCEPTD"
    UNKNOWN = "UNKNOWN"
    REJECTED = "REJECTD"


def _status(value: object) -> object:
    """A status by its number or its name: 88, "0x58", "RTHROTTLED", "ESME_RTHROTTLED"."""
    if not isinstance(value, str):
        return value
    name = value.upper().removeprefix("ESME_")
    if name in Status.__members__:
        return Status[name].value
    try:
        return int(value, 0)
    except ValueError:
        raise ValueError('a status is a number, "0x58", or a name such as "RTHROTTLED"') from None


StatusValue = Annotated[int, BeforeValidator(_status), Field(ge=0, le=0xFFFF_FFFF)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Faults(BaseModel):
    """What stands until it is changed. The defaults are an SMSC in good order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bind_status: StatusValue = 0  # what every bind is answered with
    submit_status: StatusValue = Status.RSYSERR.value  # what the next `submit_status_count` submits are answered with
    submit_status_count: Count = 0
    throttle_per_s: Count = 0  # submits that an account may make in a second; 0: any number
    answer_delay_s: Seconds = 0  # before each submit_sm_resp
    silence: bool = False  # all is read; nothing is written until it ends
    disconnect_after: Count = 0  # the n-th submit is taken, and instead of its answer the line drops
    half_pdus: Count = 0  # the next n writes end in the middle of a PDU, and nothing follows on those connections
    lose_answers: Count = 0  # the next n answers to our deliveries are taken as never come
    swap_parts: Count = 0  # the next n long texts of subscribers come with their last part first

    ids: Ids = Ids.DECIMAL
    receipts: Receipts = Receipts.ON_TIME
    receipt_ids: Ids | None = None  # another writing of the id in receipts
    receipt_tlvs: bool = True  # receipts carry receipted_message_id and message_state as well
    receipt_delay_s: Seconds = 0.1  # from a submit_sm_resp to its receipt
    receipt_late_s: Seconds = 30  # the same, late
    final: Final = Final.DELIVERED  # how messages end

    delivery_answer_s: Seconds = 5  # a delivery that is not answered is sent again after it
    delivery_retry_s: Seconds = 1  # a delivery that is refused for now is sent again after it
    enquire_s: Seconds = 30  # an ESME that is silent so long gets an enquire_link; one that has not bound is dropped


class Orders(Faults):
    """A request to the control port: settings to change, and what to do at once."""

    disconnect: bool = False  # drop every connection now
    resend: bool = False  # send again now what was not acknowledged

    def applied_to(self, standing: Faults) -> Faults:
        """The standing settings with those that the request names."""
        named = {name: getattr(self, name) for name in self.model_fields_set & Faults.model_fields.keys()}
        return standing.model_copy(update=named)
