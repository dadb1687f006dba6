"""What the phones show: each message decoded, the parts of a long one joined as a phone joins them."""

from dataclasses import dataclass
from math import ceil

from gateway.smpp.pdu import coding, part
from gateway.smpp.pdu.messages import DataSm, SubmitSm
from gateway.text.sms import HEADER_OCTETS, USER_DATA_OCTETS

TEXTS_MAX = 200_000
"""Of all phones together; the oldest are forgotten."""
JOINING_MAX = 10_000
"""Long messages of which parts are missing."""


@dataclass(frozen=True, slots=True)
class Text:
    """One message on a phone. `number` grows from text to text of the whole SMSC; `parts` is what it cost."""

    number: int
    msisdn: str
    source: str
    text: str
    data_coding: int
    parts: int
    message_ids: tuple[str, ...]
    at: float


class Inbox:
    """All phones of the network."""

    def __init__(self) -> None:
        self._texts: list[Text] = []
        self._joining: dict[tuple[str, str, int, int], dict[int, tuple[bytes, str]]] = {}
        self._count = 0

    @property
    def incomplete(self) -> int:
        """How many long messages wait for parts."""
        return len(self._joining)

    @property
    def count(self) -> int:
        """How many texts were shown so far: the number of the newest, and so a cursor to all that come later."""
        return self._count

    def put(self, pdu: SubmitSm | DataSm, message_id: str, at: float) -> None:
        """A message reaches its phone."""
        found, octets = part.read(pdu)
        if found is None:
            self._show(pdu, [(octets, message_id)], at)
            return
        key = (pdu.source.digits, pdu.destination.digits, found.reference, found.total)
        parts = self._joining.setdefault(key, {})
        parts[found.number] = (octets, message_id)
        if len(parts) == found.total:
            del self._joining[key]
            self._show(pdu, [parts[number] for number in sorted(parts)], at)
        elif len(self._joining) > JOINING_MAX:
            del self._joining[next(iter(self._joining))]

    def texts(self, msisdn: str = "", after: int = 0) -> list[Text]:
        """Those of one phone, or of all, oldest first; `after` leaves out what has been seen."""
        wanted = digits(msisdn)
        oldest = self._count - len(self._texts) + 1  # numbers have no gaps: whoever looks often is not shown all anew
        newer = self._texts[max(after + 1 - oldest, 0) :]
        return [text for text in newer if wanted in {"", text.msisdn}]

    def _show(self, pdu: SubmitSm | DataSm, parts: list[tuple[bytes, str]], at: float) -> None:
        # Octets are joined, not texts: a pair of UTF-16 that a sender cut in two is whole again on the phone.
        octets = b"".join(octets for octets, _ in parts)
        text = coding.read(octets, pdu.data_coding)
        self._count += 1
        self._texts.append(
            Text(
                self._count,
                digits(pdu.destination.digits),
                pdu.source.digits,
                text if text is not None else f"[{octets.hex()}]",
                pdu.data_coding,
                len(parts) if len(parts) > 1 else travelled(octets, pdu.data_coding),
                tuple(message_id for _, message_id in parts),
                at,
            )
        )
        if len(self._texts) > TEXTS_MAX:
            del self._texts[0]


def travelled(octets: bytes, data_coding: int) -> int:
    """In how many parts one PDU went on: the SMSC itself divides a long message_payload (3.2.3)."""
    per_octet = 8 / 7 if data_coding == coding.DEFAULT else 1  # septets come unpacked, one to an octet
    if len(octets) <= int(USER_DATA_OCTETS * per_octet):
        return 1
    return ceil(len(octets) / int((USER_DATA_OCTETS - HEADER_OCTETS) * per_octet))


def digits(msisdn: str) -> str:
    """A number as it is compared: without its plus."""
    return msisdn.strip().removeprefix("+")
