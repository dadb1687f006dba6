"""USSD in the messages of SMPP: which operation a message is, whose session, and in which coding.

The operation is `ussd_service_op` (SMPP 3.4, 5.3.2.44): a subscriber who dials is a PSSR indication, 1; what we show is
a USSR request, 2, which the subscriber answers by a USSR confirm, 18; the last screen is a PSSR response, 17. A session
that we open begins with a USSR request too, and has no PSSR to respond to: its last screen, or its only one, is a
notice, a USSN request, 3, which the phone confirms by 19. How a session is told from another, the specification leaves
open, and USSD gateways do it in the ways of `MANNERS`:

- `standard` takes `its_session_info` (5.3.2.43) at its word: octet 1 is the session, of octet 2 the upper seven bits
  number the dialogue's units "as assigned by the ESME", and the last one says that the session is over;
- `sixdee` has the same parameter as 15 bits of session and one of end;
- `tata` is like `standard`, but ends with a USSR request and the bit of the end;
- `mica` has `user_message_reference` (5.3.2.17) in its place;
- `msisdn` has nothing: a number has one session at a time. Huawei's gateways were reported to do so.

Eight bits come round soon, so a session is never known by them alone: its number belongs to it, and each opening is a
new session, whatever its id was before. What was dialled stands in the text, in the destination, or in both.

`sixdee` and `mica` follow the processors of vumi, which were run against those gateways; the others are reports. A
vendor's operation 0x81 is an abort everywhere: nobody else uses it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import BadRequestError
from gateway.smpp.choices import UssdCoding, UssdDialect
from gateway.smpp.pdu import cbs, coding, tlv
from gateway.smpp.pdu.messages import USSD, DataSm, DeliverSm, SubmitSm, UssdOp
from gateway.smpp.pdu.tlv import Tag, Tlv
from gateway.smpp.settings import LinkSettings
from gateway.ussd.message import Kind

TEXT_OCTETS_MAX = 254
"""Of one message: more than any USSD string."""
_END = 1
_UNIT_MAX = 0x7F


class SessionIn(StrEnum):
    """Where a message says which session it belongs to."""

    OCTET = "the first octet of its_session_info"
    FIFTEEN_BITS = "the first 15 bits of its_session_info"
    REFERENCE = "user_message_reference"
    NUMBER = "the subscriber's number alone"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a kind of USSD gateway tells sessions apart, and what a last screen is sent as. `tells_end`: it says when a
    subscriber leaves."""

    session_in: SessionIn
    ends_with: UssdOp
    tells_end: bool = False

    @property
    def has_end_bit(self) -> bool:
        """Whether the last bit of its_session_info ends a session."""
        return self.session_in in {SessionIn.OCTET, SessionIn.FIFTEEN_BITS}


MANNERS: Mapping[UssdDialect, Manner] = {
    UssdDialect.STANDARD: Manner(SessionIn.OCTET, UssdOp.PSSR_RESPONSE),
    UssdDialect.SIXDEE: Manner(SessionIn.FIFTEEN_BITS, UssdOp.PSSR_RESPONSE, tells_end=True),
    UssdDialect.TATA: Manner(SessionIn.OCTET, UssdOp.USSR_REQUEST, tells_end=True),
    UssdDialect.MICA: Manner(SessionIn.REFERENCE, UssdOp.PSSR_RESPONSE),
    UssdDialect.MSISDN: Manner(SessionIn.NUMBER, UssdOp.PSSR_RESPONSE),
}
_OF_SUBSCRIBERS: Mapping[int, Kind | None] = {
    UssdOp.PSSR_INDICATION: Kind.OPENED,
    UssdOp.USSR_CONFIRM: Kind.INPUT,
    UssdOp.USSN_CONFIRM: None,
    UssdOp.ABORT: Kind.CLOSED,
}
"""What a USSD gateway may tell us; None wants nothing of us."""
_LANGUAGES: Mapping[int, str] = {1: "en", 2: "fr", 3: "es", 4: "de", 5: "pt"}
"""By language_indicator (SMPP 3.4, 5.3.2.19). Others are left to CMT-136, and say nothing here."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message of a USSD gateway says. `kind` is None for one that wants no screen; `session` is an id among
    those of the same number; `destination` is the address that was dialled, `text` what was dialled or typed,
    `language` what the subscriber is taken to read, where that is said."""

    kind: Kind | None
    session: str
    destination: str
    text: str
    language: str = ""


def is_ussd(pdu: DeliverSm | DataSm) -> bool:
    """Whether a message is of USSD, and no text."""
    return pdu.service_type.upper() == USSD or tlv.octets(pdu.tlvs, Tag.USSD_SERVICE_OP) is not None


def read(pdu: DeliverSm | DataSm, link: LinkSettings) -> Heard:
    """What came over a link that speaks USSD. Raises `BadRequestError` that says why it is no step of a session."""
    manner = _manner(link)
    op = tlv.number(pdu.tlvs, Tag.USSD_SERVICE_OP)
    if op is None:
        raise BadRequestError("it is of the service USSD and has no ussd_service_op")
    if op not in _OF_SUBSCRIBERS:
        raise BadRequestError(f"ussd_service_op {op} is nothing that a USSD gateway asks of us")
    kind = _OF_SUBSCRIBERS[op]
    if manner.has_end_bit and _info(pdu) & _END:
        kind = Kind.CLOSED
    text = _text(pdu, link)
    if text is None or len(pdu.payload) > TEXT_OCTETS_MAX:
        raise BadRequestError(f"data_coding {pdu.data_coding} of {len(pdu.payload)} octets is no USSD string")
    language = _LANGUAGES.get(tlv.number(pdu.tlvs, Tag.LANGUAGE_INDICATOR) or 0, "")
    return Heard(kind, _session(pdu, manner), pdu.destination.digits.strip(), text.strip("\0\r"), language)


def reply(asked: DeliverSm | DataSm, link: LinkSettings, text: str, *, ends: bool, pushed: bool = False) -> SubmitSm:
    """A screen for whoever asked: from the address that was dialled, to the one that dialled, as they were written.
    `pushed`: the session is one that we opened."""
    manner = _manner(link)
    op = UssdOp.USSR_REQUEST if not ends else UssdOp.USSN_REQUEST if pushed else manner.ends_with
    data_coding, octets = _coded(text, link)
    return SubmitSm(
        0,
        asked.destination,
        asked.source,
        octets,
        data_coding,
        service_type=asked.service_type or USSD,
        protocol_id=link.protocol_id,
        tlvs=(tlv.with_number(Tag.USSD_SERVICE_OP, op), *_echoed(asked, manner, ends=ends)),
    )


def new_session(link: LinkSettings, draw: Callable[[int], int]) -> str:
    """An id for a session that we open, among those of one number, as `read` will find it in what is answered;
    `draw(bits)` is the source of chance."""
    match _manner(link).session_in:
        case SessionIn.OCTET:
            return str(draw(8))
        case SessionIn.FIFTEEN_BITS:
            return str(draw(15))
        case SessionIn.REFERENCE:
            return str(draw(16))
        case SessionIn.NUMBER:
            return ""


def push(link: LinkSettings, msisdn: str, source: str, session: str, text: str, *, ends: bool) -> SubmitSm:
    """The first screen of a session that we open; one that ends it is a notice."""
    op = UssdOp.USSN_REQUEST if ends else UssdOp.USSR_REQUEST
    data_coding, octets = _coded(text, link)
    return SubmitSm(
        0,
        link.source(source),
        link.destination(msisdn),
        octets,
        data_coding,
        service_type=USSD,
        protocol_id=link.protocol_id,
        tlvs=(tlv.with_number(Tag.USSD_SERVICE_OP, op), *_named(_manner(link), session, ends=ends)),
    )


def _manner(link: LinkSettings) -> Manner:
    assert link.ussd is not None, "whoever calls has seen that the link speaks USSD"
    return MANNERS[link.ussd]


def _info(pdu: DeliverSm | DataSm) -> int:
    return tlv.number(pdu.tlvs, Tag.ITS_SESSION_INFO) or 0


def _session(pdu: DeliverSm | DataSm, manner: Manner) -> str:
    match manner.session_in:
        case SessionIn.OCTET:
            return str(_info(pdu) >> 8)
        case SessionIn.FIFTEEN_BITS:
            return str(_info(pdu) >> 1)
        case SessionIn.REFERENCE:
            return str(tlv.number(pdu.tlvs, Tag.USER_MESSAGE_REFERENCE) or 0)
        case SessionIn.NUMBER:
            return ""


def _named(manner: Manner, session: str, *, ends: bool) -> tuple[Tlv, ...]:
    """A session's name in the first message of it."""
    match manner.session_in:
        case SessionIn.OCTET:
            return (tlv.with_number(Tag.ITS_SESSION_INFO, int(session) << 8 | int(ends)),)
        case SessionIn.FIFTEEN_BITS:
            return (tlv.with_number(Tag.ITS_SESSION_INFO, int(session) << 1 | int(ends)),)
        case SessionIn.REFERENCE:
            return (tlv.with_number(Tag.USER_MESSAGE_REFERENCE, int(session)),)
        case SessionIn.NUMBER:
            return ()


def _echoed(asked: DeliverSm | DataSm, manner: Manner, *, ends: bool) -> tuple[Tlv, ...]:
    """The session of a reply, as its dialect has it; nothing where the request had nothing."""
    found = tlv.octets(asked.tlvs, Tag.USER_MESSAGE_REFERENCE)
    if manner.session_in is SessionIn.REFERENCE and found is not None:
        return ((Tag.USER_MESSAGE_REFERENCE, found),)
    if not manner.has_end_bit or tlv.octets(asked.tlvs, Tag.ITS_SESSION_INFO) is None:
        return ()
    info = _info(asked) & 0xFFFF & ~_END
    if manner.session_in is SessionIn.OCTET:
        session, unit = info >> 8, info >> 1 & _UNIT_MAX
        info = session << 8 | (unit + 1 & _UNIT_MAX) << 1
    return (tlv.with_number(Tag.ITS_SESSION_INFO, info | int(ends)),)


def _text(pdu: DeliverSm | DataSm, link: LinkSettings) -> str | None:
    if link.ussd_data_coding is UssdCoding.CBS or pdu.data_coding in {cbs.GSM7, cbs.UCS2}:
        return cbs.read(pdu.payload, pdu.data_coding)
    return coding.read(pdu.payload, pdu.data_coding, link.default_alphabet)


def _coded(text: str, link: LinkSettings) -> tuple[int, bytes]:
    if link.ussd_data_coding is UssdCoding.CBS:
        data_coding = cbs.coding_of(text)
        return data_coding, cbs.write(text, data_coding)
    data_coding = coding.coding_of(text, link.default_alphabet)
    return data_coding, coding.write(text, data_coding, link.default_alphabet)
