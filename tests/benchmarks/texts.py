"""What travels in the benchmark of SMS: the keyword, a fixed answer to it, the SMSC's receipt for that.

The keyword is in UCS-2, and so are the answers, but for Kannel's: its text services speak GSM 03.38 only.
"""

from collections.abc import Iterator

from gateway.smpp.pdu.messages import Address, DeliverSm, SubmitSm
from gateway.smpp.pdu.tlv import Tag
from tests.benchmarks.hops import MEMBERS, number

SHORT_NUMBER = Address("6111", 3, 0)
UCS2 = 8  # data_coding (5.2.19)
RECEIPT = 0x04  # esm_class (5.2.12)
DELIVERED = 2  # message_state (5.2.28)
KEYWORD = "Баланс"
REPLY = "У вас 1 000 баллов, из них 500 до 31 декабря"
"""About what the gateway says, for those that look nothing up."""
REPLY_IN_GSM = "You have 1 000 points, 500 of them till 31 December"
BEGINS = {0: b"You have ", UCS2: "У вас ".encode("utf-16-be")}
"""How an answer to the keyword begins, by its data_coding."""


def ucs2(text: str) -> bytes:
    """A text in UCS-2."""
    return text.encode("utf-16-be")


def keywords(count: int) -> Iterator[DeliverSm]:
    """So many texts, member after member; the SMSC numbers them."""
    text = ucs2(KEYWORD)
    return (DeliverSm(0, _phone(ordinal), SHORT_NUMBER, text, UCS2) for ordinal in range(count))


def is_right(reply: SubmitSm) -> bool:
    """Whether this is an answer to the keyword."""
    return reply.data_coding in BEGINS and reply.payload.startswith(BEGINS[reply.data_coding])


def receipt(reply: SubmitSm, message_id: str) -> DeliverSm:
    """The word that a reply is on the phone."""
    text = f"id:{message_id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:"
    tlvs = ((Tag.RECEIPTED_MESSAGE_ID, message_id.encode() + b"\0"), (Tag.MESSAGE_STATE, bytes((DELIVERED,))))
    return DeliverSm(0, reply.destination, reply.source, text.encode(), esm_class=RECEIPT, tlvs=tlvs)


def fixed_reply(to: DeliverSm, sequence: int) -> SubmitSm:
    """The answer of one who looks nothing up."""
    return SubmitSm(sequence, to.destination, to.source, _FIXED, UCS2)


def _phone(ordinal: int) -> Address:
    return _PHONES[ordinal % len(_PHONES)]


_FIXED = ucs2(REPLY)
_PHONES = tuple(Address(number(ordinal).removeprefix("+"), 1, 1) for ordinal in range(MEMBERS))
