"""SMS over SMPP: a link as the sender uses it, and what comes over one as the receiver takes it.

Decides what an SMSC means by a PDU and by a status. Refuses to know the store, and when anything is sent or answered.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial

from gateway.errors import BadNumberError
from gateway.smpp import parts, receipt, ussd
from gateway.smpp.pdu.messages import DataSm, DeliverSm, SubmitSm
from gateway.smpp.pdu.status import Status, described
from gateway.smpp.port import SubmitPort
from gateway.smpp.receipt import Kind, Receipt
from gateway.smpp.settings import LinkSettings
from gateway.sms import content
from gateway.sms.incoming import Heard, ReceiptHeard, ReceiptIgnored, TextHeard, TextIgnored, is_robot
from gateway.sms.outgoing import Part, Said
from gateway.sms.ports import Answer, Message, PartOf
from gateway.sms.submission import submissions

ALPHANUMERIC = 5  # TON (5.2.5)


class SmppLink:
    """Implements `outgoing.LinkPort` over a link of SMPP."""

    def __init__(self, link: SubmitPort) -> None:
        self.settings = link.settings
        self.reserve = link.reserve
        self.release = link.release
        self._link = link

    @property
    def is_bound(self) -> bool:
        """See `LinkPort.is_bound`."""
        return self._link.is_bound

    @property
    def free_slots(self) -> int:
        """See `LinkPort.free_slots`."""
        return self._link.free_slots

    def parts(self, message: Message, text: str, at: datetime) -> Sequence[Part]:
        """See `LinkPort.parts`."""
        return [partial(self._submit, pdu) for pdu in submissions(message, text, self.settings, at)]

    async def _submit(self, pdu: SubmitSm) -> Said:
        answer = await self._link.submit(pdu)
        reason = "" if answer.status == 0 else described(answer.status)
        return Said(self.settings.verdict(answer.status), answer.message_id, reason)


def read(pdu: DeliverSm | DataSm, link: LinkSettings, our_numbers: AbstractSet[str], region: str) -> Heard:
    """What an SMSC handed over. `region` has the numbers that come without a country code, where the link says
    nothing of it."""
    seen = receipt.read(pdu)
    return _text(pdu, link, our_numbers, region) if seen is None else _receipt(pdu, seen, link, region)


def answered(link: LinkSettings, answer: Callable[[int], bool], how: Answer) -> bool:
    """Answer the SMSC with a status of its own; False when it cannot hear us any more."""
    return answer(Status.ROK if how is Answer.OK else link.not_now)


def _text(
    pdu: DeliverSm | DataSm, link: LinkSettings, our_numbers: AbstractSet[str], region: str
) -> TextHeard | TextIgnored:
    if ussd.is_ussd(pdu):
        return TextIgnored(link.smsc, "ussd", pdu.destination.digits)
    if pdu.source.ton == ALPHANUMERIC or is_robot(pdu.source.digits.strip().removeprefix("+"), our_numbers):
        return TextIgnored(link.smsc, "robot", pdu.source.digits)
    try:
        msisdn = link.subscriber(pdu.source, region)
    except BadNumberError:
        return TextIgnored(link.smsc, "bad_number", pdu.source.digits)
    piece = parts.read(pdu)
    short_number = pdu.destination.digits.removeprefix("+")
    if short_number not in our_numbers:
        return TextIgnored(link.smsc, "not_ours", short_number)
    octets = content.packed(piece.octets, piece.data_coding, link.default_alphabet)
    about, part = octets.hex(), None
    if piece.part is not None and piece.part.total > 1:
        about = f"{piece.part.reference} of {piece.part.total}"
        part = PartOf(piece.part.number, piece.part.total)
    return TextHeard(link.smsc, msisdn, short_number, about, octets, part)


def _receipt(pdu: DeliverSm | DataSm, seen: Receipt, link: LinkSettings, region: str) -> ReceiptHeard | ReceiptIgnored:
    """A receipt. One about a number that is none, or without an id, says nothing."""
    if seen.kind is Kind.ACKNOWLEDGEMENT or not seen.ids:
        return ReceiptIgnored("ignored")
    try:
        msisdn = link.subscriber(pdu.source, region)
    except BadNumberError:
        return ReceiptIgnored("stranger")
    ids = tuple((one.form.value, one.id) for one in receipt.meant(seen.ids, link.message_ids))
    is_final = seen.state.final and seen.kind is Kind.RECEIPT
    return ReceiptHeard(link.smsc, msisdn, ids, seen.state.value, is_final, seen.error)
