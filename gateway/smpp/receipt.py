"""Delivery receipts: which message, how it ended, and why (SMPP 3.4, 5.2.12 and Appendix B).

Decides what a deliver_sm is by its esm_class, and reads whatever an SMSC writes into a receipt: the parameters first,
then the text, of which no specification fixes the order, the dates or the ids. Never raises. Refuses to know which
messages were sent: it offers every way in which the SMSC may have written the id when it gave it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.smpp.choices import MessageIds
from gateway.smpp.pdu import coding, part, tlv
from gateway.smpp.pdu.messages import DataSm, DeliverSm
from gateway.smpp.pdu.tlv import Tag

TYPE = 0x3C
"""The bits of esm_class that say what a message is (5.2.12). 0x40 beside them only says that a header comes first."""

ID_WIDTHS = (8, 10)
"""How wide SMSCs that fill ids with zeros write them."""
WORD_LENGTH_MAX = 65
"""message_id has 64 characters; some SMSCs write one more."""
NUMBER_DIGITS_MAX = 20
"""Longer ids are names, whatever their characters: 64 bits are 20 digits."""


class Kind(StrEnum):
    """What came instead of a subscriber's text."""

    RECEIPT = "receipt"
    INTERMEDIATE = "intermediate"  # how it stands; the receipt is still to come
    ACKNOWLEDGEMENT = "acknowledgement"  # of the phone, or of its user by hand; nothing is to be done


class State(StrEnum):
    """Where a message stands (5.2.28)."""

    ENROUTE = "enroute"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    DELETED = "deleted"
    UNDELIVERABLE = "undeliverable"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    SKIPPED = "skipped"

    @property
    def final(self) -> bool:
        """Whether no other can follow. What ACCEPTED and UNKNOWN mean is each SMSC's own: waiting harms nobody."""
        return self not in {State.ENROUTE, State.ACCEPTED, State.UNKNOWN}


class Form(StrEnum):
    """How a candidate relates to the id that stands in the receipt; an SMSC keeps to one."""

    RAW = "raw"
    PADDED = "padded"  # the same number with other zeros before it, or letters of the other case
    HEX = "hex"  # the receipt's decimal number, in hex
    DECIMAL = "decimal"  # the receipt's hex number, in decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message id as submit_sm_resp may have had it."""

    id: str
    form: Form


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is said of one message. `ids` are the likely ones first; `done_at` is the SMSC's own writing."""

    kind: Kind
    ids: tuple[Candidate, ...]
    state: State
    error: str = ""
    done_at: str = ""


_KINDS: Mapping[int, Kind] = {
    0x04: Kind.RECEIPT,
    0x08: Kind.ACKNOWLEDGEMENT,
    0x10: Kind.ACKNOWLEDGEMENT,
    0x20: Kind.INTERMEDIATE,
}

_STATES: Mapping[int, State] = {
    0: State.ENROUTE,  # SCHEDULED (SMPP 5.0, 4.7.15): it has not begun its way
    1: State.ENROUTE,
    2: State.DELIVERED,
    3: State.EXPIRED,
    4: State.DELETED,
    5: State.UNDELIVERABLE,
    6: State.ACCEPTED,
    7: State.UNKNOWN,
    8: State.REJECTED,
    9: State.SKIPPED,
}
"""By message_state."""

_WORDS: Mapping[str, State] = {
    "ENROUT": State.ENROUTE,
    "BUFFRE": State.ENROUTE,
    "BUFFER": State.ENROUTE,
    "SCHEDU": State.ENROUTE,
    "DELIVR": State.DELIVERED,
    "DELIVE": State.DELIVERED,
    "EXPIRE": State.EXPIRED,
    "DELETE": State.DELETED,
    "UNDELI": State.UNDELIVERABLE,
    "FAILED": State.UNDELIVERABLE,
    "ACCEPT": State.ACCEPTED,
    "ACKED": State.ACCEPTED,
    "UNKNOW": State.UNKNOWN,
    "REJECT": State.REJECTED,
    "SKIPPE": State.SKIPPED,
}
"""By the first six letters of `stat`: SMSCs shorten the words (`DELIVRD`) or do not (`DELIVERED`)."""

_AS_IT_STANDS = frozenset({Form.RAW, Form.PADDED})
_WRITTEN: Mapping[MessageIds, frozenset[Form]] = {
    MessageIds.HEX: frozenset({Form.HEX}),
    MessageIds.DECIMAL: frozenset({Form.DECIMAL}),
    MessageIds.SAME: _AS_IT_STANDS,
    MessageIds.LEARNED: frozenset(Form),
}
"""The writings that an id of a receipt may have had in submit_sm_resp."""

_FIELD = re.compile(r"\b(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*:", re.IGNORECASE)


def read(pdu: DeliverSm | DataSm) -> Receipt | None:
    """What a receipt says; None for an ordinary message.

    A message that names a receipted_message_id is a receipt too: some SMSCs leave its esm_class 0.
    """
    kind = _KINDS.get(pdu.esm_class & TYPE)
    named = _word(tlv.text(pdu.tlvs, Tag.RECEIPTED_MESSAGE_ID) or "")
    if kind is None and not (named and not pdu.esm_class & TYPE):
        return None
    fields = _fields(pdu)
    return Receipt(
        kind or Kind.RECEIPT,
        tuple(_candidates(named or _word(fields.get("id", "")))),
        _state(tlv.number(pdu.tlvs, Tag.MESSAGE_STATE), _word(fields.get("stat", ""))),
        _word(fields.get("err", "")) or _network_error(tlv.octets(pdu.tlvs, Tag.NETWORK_ERROR_CODE)),
        _word(fields.get("donedate", "")),
    )


def meant(ids: tuple[Candidate, ...], message_ids: MessageIds) -> tuple[Candidate, ...]:
    """Those candidates that an SMSC can mean which is known to write its ids so; all where that is to be learned.

    An id that has no other writing in that base (`5`, or one that is no number) is as it stands. Worked example: at an
    SMSC with `hex`, the receipt's `16` is `10` and not another message's `16`.
    """
    written = tuple(one for one in ids if one.form in _WRITTEN[message_ids])
    return written or tuple(one for one in ids if one.form in _AS_IT_STANDS)


def _fields(pdu: DeliverSm | DataSm) -> Mapping[str, str]:
    """The fields of the text, each from its name to the next one's. The first of a name counts: `text` quotes ours."""
    for text in _readings(pdu):
        if found := list(_FIELD.finditer(text)):
            break
    else:
        return {}
    ends = (*(field.start() for field in found[1:]), len(text))
    fields: dict[str, str] = {}
    for field, end in zip(found, ends, strict=True):
        name = field[1].lower().replace(" ", "").replace("_", "")
        fields.setdefault(name, text[field.end() : end].strip())
    return fields


def _readings(pdu: DeliverSm | DataSm) -> tuple[str, ...]:
    """What the text may be, the likely first; `data_coding` is often wrong in receipts.

    Every default alphabet has letters and digits where ASCII has them, and SMSCs write the signs of ids in ASCII too.
    """
    _, octets = part.read(pdu)
    narrow, wide = octets.decode("latin-1").replace("\0", " "), coding.read(octets, coding.UCS2) or ""
    return (wide, narrow) if pdu.data_coding == coding.UCS2 else (narrow, wide)


def _word(value: str) -> str:
    """The first word of a field, or nothing when it is no word: what is kept of it goes to a database and to logs."""
    word = (value.split(maxsplit=1) or [""])[0][:WORD_LENGTH_MAX]
    return word if word.isprintable() else ""


def _state(number: int | None, word: str) -> State:
    known = None if number is None else _STATES.get(number)
    return known or _WORDS.get(word.upper()[:6], State.UNKNOWN)


def _network_error(octets: bytes | None) -> str:
    """Network type and error code (5.3.2.31), as `3:12`."""
    return f"{octets[0]}:{int.from_bytes(octets[1:], 'big')}" if octets else ""


def _candidates(written: str) -> Iterator[Candidate]:
    """Every writing of an id once, the likely first. Worked example: `0010` gives `0010`, `10`, …, `a`, …, `16`, …"""
    seen = set()
    for form, ids in _writings(written):
        for each in ids:
            if each not in seen:
                seen.add(each)
                yield Candidate(each, form)


def _writings(written: str) -> Iterator[tuple[Form, tuple[str, ...]]]:
    if not written:
        return
    yield Form.RAW, (written,)
    if not written.isascii() or len(written) > NUMBER_DIGITS_MAX:
        return
    if written.isdecimal():
        yield Form.PADDED, _widths(str(int(written)))
        yield Form.HEX, (*_widths(f"{int(written):x}"), *_widths(f"{int(written):X}"))
        yield Form.DECIMAL, _widths(str(int(written, 16)))
    elif re.fullmatch(r"[0-9A-Fa-f]+", written):
        number = int(written, 16)
        yield Form.PADDED, (*_widths(f"{number:x}"), *_widths(f"{number:X}"))
        yield Form.DECIMAL, _widths(str(number))


def _widths(digits: str) -> tuple[str, ...]:
    return (digits, *(digits.zfill(width) for width in ID_WIDTHS))
