"""Which PDUs of the SMSC's trace are about which phone: the SMSC sees all numbers at once, a tester looks at one.

A request names the phone; its response only repeats the sequence, and comes the other way on the same connection
(SMPP 3.4, 3.2).
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.smpp.pdu import cbs, codec, coding, part, tlv
from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.messages import DataSm, DeliverSm, SubmitSm, UssdOp
from gateway.smpp.pdu.tlv import Tag
from simulator.smsc.inbox import digits

ASKED_MAX = 1000
"""Requests whose responses are waited for; the oldest are given up."""
_OTHER_WAY = {"in": "out", "out": "in"}

Pdu = Mapping[str, Any]


class Glass:
    """Sorts PDUs as they come."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[int, str, int], tuple[str, str]] = OrderedDict()

    def sorted(self, pdus: Iterable[Pdu], phones: Mapping[str, str]) -> Iterator[tuple[str, Pdu]]:
        """Each PDU with the phone that it is about; `phones` has their identities by number, without its plus. `reads`
        is its text, `ussd` its operation, or that of what it answers; empty for one of SMS."""
        for pdu in pdus:
            message = _message(pdu)
            found = self._about(pdu, _operation(message), phones)
            if found is not None:
                phone, operation = found
                yield phone, {**pdu, "reads": _text_of(message), "ussd": operation}

    def _about(self, pdu: Pdu, operation: str, phones: Mapping[str, str]) -> tuple[str, str] | None:
        """The phone, and the operation of USSD."""
        fields = pdu.get("fields") or {}
        answered = (pdu["session"], _OTHER_WAY[pdu["way"]], fields.get("sequence", 0))
        for end in ("source", "destination"):
            phone = phones.get(digits((fields.get(end) or {}).get("digits", "")))
            if phone is not None:
                self._asked[(pdu["session"], pdu["way"], fields["sequence"])] = phone, operation
                while len(self._asked) > ASKED_MAX:
                    self._asked.popitem(last=False)
                return phone, operation
        is_response = str(pdu["pdu"]).endswith("Resp") or pdu["pdu"] == "GenericNack"
        return self._asked.pop(answered, None) if is_response else None


def _message(shown: Pdu) -> SubmitSm | DeliverSm | DataSm | None:
    """What carries words, once more as a value."""
    try:
        pdu = codec.decode(bytes.fromhex(shown["hex"]))
    except PduError:
        return None
    return pdu if isinstance(pdu, SubmitSm | DeliverSm | DataSm) else None


def _operation(message: SubmitSm | DeliverSm | DataSm | None) -> str:
    """Its operation of USSD in words, `USSR request`."""
    op = None if message is None else tlv.number(message.tlvs, Tag.USSD_SERVICE_OP)
    if op is None:
        return ""
    if op not in UssdOp.__members__.values():
        return f"operation {op}"
    kind, _, way = UssdOp(op).name.partition("_")
    return f"{kind} {way.lower()}".strip()


def _text_of(message: SubmitSm | DeliverSm | DataSm | None) -> str | None:
    """The words that a PDU carries, without a part's header."""
    if message is None:
        return None
    if message.data_coding in {cbs.GSM7, cbs.UCS2}:
        return cbs.read(message.payload, message.data_coding)
    try:
        return coding.read(part.read(message)[1], message.data_coding)
    except PduError:
        return None
