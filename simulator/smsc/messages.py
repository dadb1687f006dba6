"""The messages that the SMSC has taken: their ids, how they end, and the receipts that say so (Appendix B)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.smpp.pdu import coding, part, tlv
from gateway.smpp.pdu.messages import DataSm, DeliverSm, QuerySm, QuerySmResp, SubmitSm
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tag, Tlvs
from simulator.smsc.faults import Faults, Final, Ids

MESSAGES_MAX = 200_000
"""Remembered for query_sm and for a look from the control port; older ones are forgotten."""

RECEIPT_CLASS = 0x04
RECEIPT_WANTED = 0x03
ON_FAILURE_ONLY = 0x02
RECEIPT_TEXT_LENGTH = 20
ENROUTE = 1

STATES: Mapping[Final, int] = {
    Final.DELIVERED: 2,
    Final.EXPIRED: 3,
    Final.DELETED: 4,
    Final.UNDELIVERABLE: 5,
    Final.ACCEPTED: 6,
    Final.UNKNOWN: 7,
    Final.REJECTED: 8,
}
"""message_state of each end (5.2.28)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was accepted. Times are seconds since 1970."""

    number: int
    message_id: str
    account: str
    pdu: SubmitSm | DataSm
    at: float
    final: Final
    done_at: float

    @property
    def wants_receipt(self) -> bool:
        """As registered_delivery asks (5.2.17): always, on failure only, or not at all."""
        asked = self.pdu.registered_delivery & RECEIPT_WANTED
        return bool(asked) and not (asked == ON_FAILURE_ONLY and self.final is Final.DELIVERED)


def written(number: int, ids: Ids) -> str:
    """A message's id. Worked example: the tenth is `10`, `a`, or `m-00000a-z`."""
    match ids:
        case Ids.DECIMAL:
            return str(number)
        case Ids.HEX:
            return f"{number:x}"
        case Ids.OPAQUE:
            return f"m-{number:06x}-z"


def receipt(taken: Taken, faults: Faults) -> DeliverSm:
    """The receipt of a message, not numbered yet; source and destination change places."""
    named = written(taken.number, faults.receipt_ids) if faults.receipt_ids else taken.message_id
    delivered = taken.final is Final.DELIVERED
    text = (
        f"id:{named} sub:001 dlvrd:{'001' if delivered else '000'} submit date:{_minute(taken.at)} "
        f"done date:{_minute(taken.done_at)} stat:{taken.final} err:{'000' if delivered else '001'} "
        f"text:{_beginning(taken.pdu)}"
    )
    return DeliverSm(
        0,
        taken.pdu.destination,
        taken.pdu.source,
        coding.write(text, coding.DEFAULT),
        esm_class=RECEIPT_CLASS,
        tlvs=_receipt_tlvs(named, taken.final) if faults.receipt_tlvs else (),
    )


def _receipt_tlvs(named: str, final: Final) -> Tlvs:
    return tlv.with_text(Tag.RECEIPTED_MESSAGE_ID, named), tlv.with_number(Tag.MESSAGE_STATE, STATES[final])


def _minute(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M")


def _beginning(pdu: SubmitSm | DataSm) -> str:
    """The first 20 characters, where the receipt's own alphabet has them all."""
    _, octets = part.read(pdu)
    text = (coding.read(octets, pdu.data_coding) or "")[:RECEIPT_TEXT_LENGTH]
    return text if coding.coding_of(text) == coding.DEFAULT else ""


class Messages:
    """Every message that was taken, by its id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Taken] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """How many were taken so far."""
        return self._count

    def take(self, pdu: SubmitSm | DataSm, account: str, faults: Faults, at: float) -> Taken:
        """Accept a message and give it its id."""
        self._count += 1
        message_id = written(self._count, faults.ids)
        taken = Taken(self._count, message_id, account, pdu, at, faults.final, at + faults.receipt_delay_s)
        self._by_id[message_id] = taken
        if len(self._by_id) > MESSAGES_MAX:
            del self._by_id[next(iter(self._by_id))]
        return taken

    def answer(self, query: QuerySm, at: float) -> QuerySmResp:
        """What query_sm is told: on the way, or how it ended and when."""
        taken = self._by_id.get(query.message_id)
        if taken is None:
            return QuerySmResp(query.sequence, Status.RINVMSGID)
        if at < taken.done_at:
            return QuerySmResp(query.sequence, 0, taken.message_id, "", ENROUTE)
        done = datetime.fromtimestamp(taken.done_at, UTC).strftime("%y%m%d%H%M%S") + "000+"
        return QuerySmResp(query.sequence, 0, taken.message_id, done, STATES[taken.final])
