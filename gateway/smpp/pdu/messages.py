"""The PDUs as values: those that we speak, and those that we must be able to answer (section 4).

Names are the specification's. Times are strings as they travel (7.1.1); texts are octets, since their coding is
`data_coding`'s matter. Every request carries its sequence; every response also its status.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from gateway.smpp.pdu import tlv
from gateway.smpp.pdu.tlv import Tag, Tlvs

INTERFACE_VERSION = 0x34

USSD = "USSD"
"""The service_type of USSD (5.2.11)."""

RESPONSE = 0x8000_0000
"""The bit of a command_id that makes a response of a request (3.2)."""


class CommandId(IntEnum):
    """The requests that we know, and the one response that answers none of them (5.1.2.1)."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    QUERY_SM = 0x03
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    REPLACE_SM = 0x07
    CANCEL_SM = 0x08
    BIND_TRANSCEIVER = 0x09
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x0102
    DATA_SM = 0x0103
    GENERIC_NACK = 0x8000_0000


class BindMode(IntEnum):
    """Which way messages go over a connection; the value is the bind's command_id."""

    RECEIVER = CommandId.BIND_RECEIVER
    TRANSMITTER = CommandId.BIND_TRANSMITTER
    TRANSCEIVER = CommandId.BIND_TRANSCEIVER

    @property
    def submits(self) -> bool:
        """Whether the ESME may submit."""
        return self is not BindMode.RECEIVER

    @property
    def receives(self) -> bool:
        """Whether the SMSC may deliver."""
        return self is not BindMode.TRANSMITTER


class UssdOp(IntEnum):
    """What a message of the service `USSD` is: ussd_service_op (5.3.2.44), and one operation of a vendor's."""

    PSSD_INDICATION = 0
    PSSR_INDICATION = 1
    USSR_REQUEST = 2
    USSN_REQUEST = 3
    PSSD_RESPONSE = 16
    PSSR_RESPONSE = 17
    USSR_CONFIRM = 18
    USSN_CONFIRM = 19
    ABORT = 0x81


@dataclass(frozen=True, slots=True)
class Address:
    """A number, a short number or a name, with its type (5.2.5) and numbering plan (5.2.6)."""

    digits: str = ""
    ton: int = 0
    npi: int = 0


@dataclass(frozen=True, slots=True)
class Bind:
    """The three bind requests (4.1)."""

    sequence: int
    mode: BindMode
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    interface_version: int = INTERFACE_VERSION
    address_range: Address = Address()


@dataclass(frozen=True, slots=True)
class BindResp:
    """Their answers; `tlvs` may say the SMSC's version."""

    sequence: int
    mode: BindMode
    status: int = 0
    system_id: str = ""
    tlvs: Tlvs = ()


@dataclass(frozen=True, slots=True)
class Outbind:
    """The SMSC asks a receiver to bind (4.1.7)."""

    sequence: int
    system_id: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """What submit_sm (4.4.1) and deliver_sm (4.6.1) have in common: everything."""

    sequence: int
    source: Address
    destination: Address
    short_message: bytes = b""
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    replace_if_present: int = 0
    sm_default_msg_id: int = 0
    tlvs: Tlvs = ()

    @property
    def payload(self) -> bytes:
        """The message itself, wherever it stands: in `short_message`, or in message_payload when that is empty."""
        return self.short_message or tlv.octets(self.tlvs, Tag.MESSAGE_PAYLOAD) or b""


@dataclass(frozen=True, slots=True)
class SubmitSm(ShortMessage):
    """An ESME hands a message to the SMSC."""


@dataclass(frozen=True, slots=True)
class DeliverSm(ShortMessage):
    """The SMSC hands over a message of a subscriber, or a receipt."""


@dataclass(frozen=True, slots=True)
class DataSm:
    """The other way to hand over a message, both ways (4.7.1); the text is in message_payload."""

    sequence: int
    source: Address
    destination: Address
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    tlvs: Tlvs = ()

    @property
    def payload(self) -> bytes:
        """The message itself."""
        return tlv.octets(self.tlvs, Tag.MESSAGE_PAYLOAD) or b""


@dataclass(frozen=True, slots=True)
class MessageResp:
    """What the answers to a message have in common. The id is empty in answers of an ESME, and in refusals."""

    sequence: int
    status: int = 0
    message_id: str = ""
    tlvs: Tlvs = ()


@dataclass(frozen=True, slots=True)
class SubmitSmResp(MessageResp):
    """4.4.2."""


@dataclass(frozen=True, slots=True)
class DeliverSmResp(MessageResp):
    """4.6.2."""


@dataclass(frozen=True, slots=True)
class DataSmResp(MessageResp):
    """4.7.2."""


@dataclass(frozen=True, slots=True)
class QuerySm:
    """How is that message (4.8.1)?"""

    sequence: int
    message_id: str
    source: Address = Address()


@dataclass(frozen=True, slots=True)
class QuerySmResp:
    """Its state, and since when (4.8.2)."""

    sequence: int
    status: int = 0
    message_id: str = ""
    final_date: str = ""
    message_state: int = 0
    error_code: int = 0


@dataclass(frozen=True, slots=True)
class CancelSm:
    """Take messages back (4.9.1)."""

    sequence: int
    message_id: str
    source: Address
    destination: Address
    service_type: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceSm:
    """Put another text in a message's place (4.10.1)."""

    sequence: int
    message_id: str
    source: Address
    short_message: bytes = b""
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    sm_default_msg_id: int = 0


@dataclass(frozen=True, slots=True)
class AlertNotification:
    """A subscriber can be reached again (4.12.1). It has no answer."""

    sequence: int
    source: Address
    esme: Address
    tlvs: Tlvs = ()


@dataclass(frozen=True, slots=True)
class Unbind:
    """The goodbye (4.2.1)."""

    sequence: int


@dataclass(frozen=True, slots=True)
class EnquireLink:
    """Are you there (4.11.1)?"""

    sequence: int


@dataclass(frozen=True, slots=True)
class PlainResp:
    """The answers that are nothing but a header: to unbind, enquire_link, cancel_sm and replace_sm."""

    sequence: int
    command: CommandId
    """The request that it answers."""
    status: int = 0


@dataclass(frozen=True, slots=True)
class GenericNack:
    """The answer to what could not be read (4.3.1)."""

    sequence: int
    status: int = 0


Request = (
    Bind
    | Outbind
    | SubmitSm
    | DeliverSm
    | DataSm
    | QuerySm
    | CancelSm
    | ReplaceSm
    | AlertNotification
    | Unbind
    | EnquireLink
)
Response = BindResp | SubmitSmResp | DeliverSmResp | DataSmResp | QuerySmResp | PlainResp | GenericNack
Pdu = Request | Response
