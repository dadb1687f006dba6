"""Which PDUs of the SMSC's trace are about which phone: the SMSC sees all numbers at once, a tester looks at one.

A request names the phone; its response only repeats the sequence, and comes the other way on the same connection
(SMPP 3.4, 3.2).
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.smpp.pdu import codec, coding, part
from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.messages import DataSm, DeliverSm, SubmitSm
from simulator.smsc.inbox import digits

ASKED_MAX = 1000
"""Requests whose responses are waited for; the oldest are given up."""
_OTHER_WAY = {"in": "out", "out": "in"}

Pdu = Mapping[str, Any]


class Glass:
    """Sorts PDUs as they come."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[int, str, int], str] = OrderedDict()

    def sorted(self, pdus: Iterable[Pdu], phones: Mapping[str, str]) -> Iterator[tuple[str, Pdu]]:
        """Each PDU with the phone that it is about; `phones` has their identities by number, without its plus."""
        for pdu in pdus:
            phone = self._phone_of(pdu, phones)
            if phone is not None:
                yield phone, {**pdu, "reads": _text_of(pdu)}

    def _phone_of(self, pdu: Pdu, phones: Mapping[str, str]) -> str | None:
        fields = pdu.get("fields") or {}
        answered = (pdu["session"], _OTHER_WAY[pdu["way"]], fields.get("sequence", 0))
        for end in ("source", "destination"):
            phone = phones.get(digits((fields.get(end) or {}).get("digits", "")))
            if phone is not None:
                self._asked[(pdu["session"], pdu["way"], fields["sequence"])] = phone
                while len(self._asked) > ASKED_MAX:
                    self._asked.popitem(last=False)
                return phone
        is_response = str(pdu["pdu"]).endswith("Resp") or pdu["pdu"] == "GenericNack"
        return self._asked.pop(answered, None) if is_response else None


def _text_of(shown: Pdu) -> str | None:
    """The words that a PDU carries, without a part's header."""
    try:
        pdu = codec.decode(bytes.fromhex(shown["hex"]))
        if not isinstance(pdu, SubmitSm | DeliverSm | DataSm):
            return None
        return coding.read(part.read(pdu)[1], pdu.data_coding)
    except PduError:
        return None
