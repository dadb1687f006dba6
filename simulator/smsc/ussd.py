"""The SMSC as a USSD gateway: a deliver_sm for what a subscriber does, and the submit_sm that shows a screen.

Decides which screen answers whom: the oldest question of that number over that account, whose session the screen
names. How a session is named is the asker's to know, who says which bits of `its_session_info` matter. A request that
answers nobody opens a session of the application's: it is shown to whoever looks at that phone.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.smpp.pdu import cbs, coding, tlv
from gateway.smpp.pdu.messages import USSD, Address, DataSm, DeliverSm, SubmitSm, UssdOp
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tag, Tlvs
from simulator.smsc.deliveries import Delivery, Fate

ASKING_MAX = 10_000
"""Questions without a screen; the oldest are forgotten, as their subscribers have left."""
PUSHED_MAX = 1000
"""Screens that nobody asked for; the oldest are forgotten."""
OPENINGS = frozenset({UssdOp.USSR_REQUEST, UssdOp.USSN_REQUEST})
SEPTETS_MAX = 182  # of 160 octets packed (3GPP TS 23.038, clause 6.1.2.3)
UCS2_OCTETS_MAX = 160
PHONE = (1, 1)  # TON, NPI
SHORT_NUMBER = (3, 0)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a subscriber does. `wants_screen` is False for one that hangs up."""

    msisdn: str
    destination: str
    text: str
    op: int
    its_session_info: int | None = None
    session_mask: int = 0
    user_message_reference: int | None = None
    cbs: bool = False
    wants_screen: bool = True

    def delivery(self) -> DeliverSm:
        """The message, not numbered yet."""
        tlvs: Tlvs = (tlv.with_number(Tag.USSD_SERVICE_OP, self.op),)
        if self.its_session_info is not None:
            tlvs += (tlv.with_number(Tag.ITS_SESSION_INFO, self.its_session_info),)
        if self.user_message_reference is not None:
            tlvs += (tlv.with_number(Tag.USER_MESSAGE_REFERENCE, self.user_message_reference),)
        data_coding = cbs.coding_of(self.text) if self.cbs else coding.coding_of(self.text)
        octets = cbs.write(self.text, data_coding) if self.cbs else coding.write(self.text, data_coding)
        source, destination = Address(self.msisdn, *PHONE), Address(self.destination, *SHORT_NUMBER)
        return DeliverSm(0, source, destination, octets, data_coding, service_type=USSD, tlvs=tlvs)

    def is_answered_by(self, pdu: SubmitSm | DataSm) -> bool:
        """Whether a screen is of this session."""
        info = tlv.number(pdu.tlvs, Tag.ITS_SESSION_INFO) or 0
        same = info & self.session_mask == (self.its_session_info or 0) & self.session_mask
        return same and tlv.number(pdu.tlvs, Tag.USER_MESSAGE_REFERENCE) == self.user_message_reference


@dataclass(frozen=True, slots=True)
class Screen:
    """What a subscriber sees: the text, and what the message said of the session."""

    text: str
    op: int | None
    its_session_info: int | None


@dataclass(frozen=True, slots=True)
class Pushed:
    """A screen that nobody asked for. `number` counts them; the rest is what an answer must repeat."""

    number: int
    msisdn: str
    source: str
    system_id: str
    text: str
    op: int
    its_session_info: int | None
    user_message_reference: int | None
    cbs: bool


Outcome = Screen | int | None
"""A screen; the status that refused the question; None for a question that wants no screen and was taken."""
TellOutcome = Callable[[Outcome], None]


@dataclass(eq=False, slots=True)
class _Asking:
    account: str
    deed: Deed
    told: TellOutcome

    def is_answered_by(self, number: str, account: str, pdu: SubmitSm | DataSm) -> bool:
        """Whether a screen is of this session, and by the way on which it was asked."""
        theirs = self.deed.msisdn == number and self.account in {"", account}
        return theirs and self.deed.is_answered_by(pdu)


@dataclass(slots=True)
class Dialogues:
    """The questions that wait for their screens, in the order in which they were asked, and what nobody asked for."""

    pushed_count: int = 0
    _asking: list[_Asking] = field(default_factory=list)
    _count: int = 0
    _pushed: deque[Pushed] = field(default_factory=lambda: deque(maxlen=PUSHED_MAX))

    def ask(self, account: str, deed: Deed, delivery: Delivery, told: TellOutcome) -> None:
        """Tell what comes of a question that is on its way."""
        asking = _Asking(account, deed, told)
        if deed.wants_screen:
            self._asking.append(asking)
            del self._asking[:-ASKING_MAX]
        delivery.told = lambda: self._over(asking, delivery)

    def show(self, account: str, pdu: SubmitSm | DataSm) -> tuple[int, str]:
        """A screen came: the status that answers it, and its message id."""
        number = pdu.destination.digits.removeprefix("+")
        screen = _screen(pdu)
        asked = next((one for one in self._asking if one.is_answered_by(number, account, pdu)), None)
        if asked is not None:
            self._asking.remove(asked)
            asked.told(screen)
        elif screen.op in OPENINGS:
            self._push(number, account, pdu, screen)
        else:
            return Status.RINVOPTPARAMVAL, ""
        self._count += 1
        return Status.ROK, f"ussd-{self._count}"

    def pushed(self, msisdn: str, after: int) -> list[Pushed]:
        """What nobody asked for, of one number or of all, oldest first; only what is newer than that number of it."""
        return [one for one in self._pushed if one.number > after and msisdn.removeprefix("+") in {"", one.msisdn}]

    def _push(self, number: str, account: str, pdu: SubmitSm | DataSm, screen: Screen) -> None:
        self.pushed_count += 1
        self._pushed.append(
            Pushed(
                self.pushed_count,
                number,
                pdu.source.digits,
                account,
                screen.text,
                screen.op or 0,
                screen.its_session_info,
                tlv.number(pdu.tlvs, Tag.USER_MESSAGE_REFERENCE),
                pdu.data_coding in {cbs.GSM7, cbs.UCS2},
            )
        )

    def _over(self, asking: _Asking, delivery: Delivery) -> None:
        """The question was taken, or will never be."""
        if delivery.fate is Fate.ACKNOWLEDGED:
            if not asking.deed.wants_screen:
                asking.told(None)
        else:
            if asking in self._asking:
                self._asking.remove(asking)
            asking.told(delivery.status or Status.RDELIVERYFAILURE)


def is_ussd(pdu: SubmitSm | DataSm) -> bool:
    """Whether a message is a screen."""
    return tlv.octets(pdu.tlvs, Tag.USSD_SERVICE_OP) is not None


def room_for(pdu: SubmitSm | DataSm) -> int:
    """How many octets, unpacked, one USSD string has in the coding of a screen."""
    return UCS2_OCTETS_MAX if pdu.data_coding in {coding.UCS2, cbs.UCS2} else SEPTETS_MAX


def _screen(pdu: SubmitSm | DataSm) -> Screen:
    in_cbs = pdu.data_coding in {cbs.GSM7, cbs.UCS2}
    text = cbs.read(pdu.payload, pdu.data_coding) if in_cbs else coding.read(pdu.payload, pdu.data_coding)
    op, info = (tlv.number(pdu.tlvs, tag) for tag in (Tag.USSD_SERVICE_OP, Tag.ITS_SESSION_INFO))
    return Screen(text if text is not None else f"data_coding {pdu.data_coding} is no text", op, info)
