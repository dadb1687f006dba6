"""What the SMSC does with binds, submits, answers and time. Sans I/O: sessions hold what is to be written.

The server calls `open`, `receive`, `lost` as connections do, and `advance` when `due` says; the control port calls
`text`, `raw` and `order`. Times are seconds since 1970, always an argument.
"""

import heapq
from collections import deque
from collections.abc import Mapping

from gateway.smpp.pdu import coding, part
from gateway.smpp.pdu.messages import (
    USSD,
    Address,
    Bind,
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    QuerySm,
    ReplaceSm,
    SubmitSm,
    SubmitSmResp,
)
from gateway.smpp.pdu.part import Part
from gateway.smpp.pdu.status import Status
from gateway.text.sms import USER_DATA_OCTETS, split
from simulator.smsc.accounts import ANYBODY, Account
from simulator.smsc.deliveries import Deliveries, Delivery
from simulator.smsc.faults import Faults, Final, Orders, Receipts
from simulator.smsc.inbox import Inbox, digits
from simulator.smsc.messages import Messages, Taken, receipt
from simulator.smsc.session import Session, Told
from simulator.smsc.trace import Trace
from simulator.smsc.ussd import Deed, Dialogues, TellOutcome, is_ussd, room_for

SYSTEM_ID = "simulator"
SEPTETS_MAX = 160
DIGITS_MAX = 20
UNANSWERED_MAX = 10_000
"""Submits whose answers are delayed; more are refused as an SMSC with a full queue does."""
PHONE = (1, 1)  # TON, NPI: international, E.164
NAME = (5, 0)
SHORT_NUMBER = (3, 0)


class Centre:
    """One SMSC. With no accounts named, any system_id and password may bind."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self.faults = Faults()
        self.sessions: list[Session] = []
        self.messages = Messages()
        self.deliveries = Deliveries()
        self.inbox = Inbox()
        self.trace = Trace()
        self.dialogues = Dialogues()
        self._accounts = accounts
        self._later: list[tuple[float, int, Session, Pdu]] = []
        self._submits: dict[str, deque[float]] = {}
        self._now = 0.0
        self._opened = 0
        self._ordinal = 0
        self._reference = 0

    def open(self, at: float) -> Session:
        """A connection was made."""
        self._opened += 1
        session = Session(self._opened, self._watch, at)
        self.sessions.append(session)
        return session

    def receive(self, session: Session, data: bytes, at: float) -> None:
        """Octets came."""
        self._now = at
        for told in session.receive(data, at):
            self._hear(session, told, at)
            if session.ends:
                break
        self._pump(at)

    def lost(self, session: Session, at: float) -> None:
        """A connection is gone, whoever ended it."""
        self._now = at
        session.close()
        self.sessions.remove(session)
        self.deliveries.lost(session, at)
        self._pump(at)

    def text(self, msisdn: str, to: str, text: str, account: str, at: float) -> list[Delivery]:
        """A subscriber texts: one delivery, or one for each part of a long text, all by one account."""
        data_coding = coding.coding_of(text)
        pieces = split(text)
        if len(pieces) == 1:
            return [self.raw(msisdn, to, coding.write(text, data_coding), data_coding, 0, account, at)]
        account = account or next((session.system_id for session in self.sessions if session.takes("")), "")
        self._reference = (self._reference + 1) % 0x100
        numbered = list(enumerate(pieces, 1))
        if self._spend("swap_parts"):
            numbered.reverse()
        deliveries = []
        for number, piece in numbered:
            octets = part.header(Part(self._reference, len(pieces), number)) + coding.write(piece, data_coding)
            deliveries.append(self.raw(msisdn, to, octets, data_coding, part.HAS_HEADER, account, at))
        return deliveries

    def raw(
        self, msisdn: str, to: str, octets: bytes, data_coding: int, esm_class: int, account: str, at: float
    ) -> Delivery:
        """A subscriber sends octets as they are."""
        self._now = at
        sender = digits(msisdn)
        source = Address(sender, *(PHONE if sender.isdecimal() else NAME))
        destination = Address(to, *SHORT_NUMBER)
        pdu = DeliverSm(0, source, destination, octets, data_coding, esm_class)
        delivery = self.deliveries.add(pdu, account, at)
        self._pump(at)
        return delivery

    def ussd(self, deed: Deed, account: str, told: TellOutcome, at: float, *, repeated: bool = False) -> None:
        """A subscriber dials, answers or hangs up: over that account where it is bound, else over whichever is. A
        repeated deed comes again, as its answer is lost with the connection."""
        self._now = at
        bound = [session for session in self.sessions if session.receives]
        if account not in {session.system_id for session in bound}:
            account = next((session.system_id for session in bound if session.system_type == USSD), "")
        delivery = self.deliveries.add(deed.delivery(), account, at)
        delivery.cuts_line = repeated
        self.dialogues.ask(account, deed, delivery, told)
        self._pump(at)

    def order(self, orders: Orders, at: float) -> None:
        """Behave so from now on, and do so at once."""
        self._now = at
        self.faults = orders.applied_to(self.faults)
        if orders.disconnect:
            for session in self.sessions:
                session.take()
                session.close()
        if orders.resend:
            self.deliveries.resend(self.faults, at, now=True)
        self._pump(at)

    def advance(self, at: float) -> None:
        """Do what is due."""
        self._now = at
        while self._later and self._later[0][0] <= at:
            _, _, session, pdu = heapq.heappop(self._later)
            if not session.ends:
                session.send(pdu)
        self.deliveries.resend(self.faults, at)
        for session in self.sessions:
            self._enquire(session, at)
        self._pump(at)

    def due(self) -> float | None:
        """When `advance` should be called next, if nothing happens before."""
        times = [self._later[0][0]] if self._later else []
        delivery = self.deliveries.next_due(self.faults)
        if delivery is not None:
            times.append(delivery)
        times += [self._silent_too_long_at(session) for session in self.sessions if self._is_watched(session)]
        return min(times, default=None)

    def outgoing(self, session: Session) -> bytes:
        """What to write to a connection now, after the faults have had their way with it."""
        if self.faults.silence:
            return b""
        if session.has_outgoing and self._spend("half_pdus"):
            return session.take_half()
        return session.take()

    def _hear(self, session: Session, told: Told, at: float) -> None:
        match told:
            case Bind():
                self._bind(session, told)
            case SubmitSm() | DataSm():
                self._submit(session, told, at)
            case QuerySm():
                session.send(self.messages.answer(told, at))
            case CancelSm():
                session.refuse(told, Status.RCANCELFAIL)
            case ReplaceSm():
                session.refuse(told, Status.RREPLACEFAIL)
            case DeliverSmResp() | GenericNack():
                if self.deliveries.loses_answer(session, told.sequence):
                    session.take()
                    session.close()
                elif not self._spend("lose_answers"):
                    self.deliveries.answered(session, told.sequence, told.status, self.faults, at)

    def _bind(self, session: Session, bind: Bind) -> None:
        if self.faults.bind_status:
            session.refuse(bind, self.faults.bind_status)
        elif self._accounts and bind.system_id not in self._accounts:
            session.refuse(bind, Status.RINVSYSID)
        elif self._accounts and self._accounts[bind.system_id].password != bind.password:
            session.refuse(bind, Status.RINVPASWD)
        elif not self._sold(bind.system_id).allows(bind.mode):
            session.refuse(bind, Status.RBINDFAIL)
        elif self._has_all_binds(bind.system_id):
            session.refuse(bind, Status.RALYBND)
        else:
            session.bind(bind, SYSTEM_ID)

    def _sold(self, system_id: str) -> Account:
        """What this account may do."""
        return self._accounts.get(system_id, ANYBODY)

    def _has_all_binds(self, system_id: str) -> bool:
        limit = self._sold(system_id).binds
        return bool(limit) and sum(one.is_bound and one.system_id == system_id for one in self.sessions) >= limit

    def _submit(self, session: Session, pdu: SubmitSm | DataSm, at: float) -> None:
        status = self._refusal(session, pdu, at)
        if status:
            self._answer(session, _answer_to(pdu, status, ""), at)
            return
        if is_ussd(pdu):
            self._answer(session, _answer_to(pdu, *self.dialogues.show(session.system_id, pdu)), at)
            return
        taken = self.messages.take(pdu, session.system_id, self.faults, at)
        if taken.final is Final.DELIVERED:
            self.inbox.put(pdu, taken.message_id, at)
        if self.faults.disconnect_after and self._spend("disconnect_after") and not self.faults.disconnect_after:
            self._plan_receipt(taken, at)
            session.close()
            return
        if self.faults.receipts is Receipts.EARLY:
            self._plan_receipt(taken, at)
            self._pump(at)
        self._answer(session, _answer_to(pdu, Status.ROK, taken.message_id), at)
        if self.faults.receipts in {Receipts.ON_TIME, Receipts.LATE}:
            self._plan_receipt(taken, at + self.faults.answer_delay_s)

    def _refusal(self, session: Session, pdu: SubmitSm | DataSm, at: float) -> int:
        """The status that refuses a submit, or 0."""
        if self._spend("submit_status_count"):
            return self.faults.submit_status
        if self._is_too_fast(session.system_id, at):
            return Status.RTHROTTLED
        if len(self._later) >= UNANSWERED_MAX or self._has_full_window(session):
            return Status.RMSGQFUL
        # data_sm has room for longer addresses than the deliver_sm that brings its receipt (4.7.1).
        if not 1 <= len(pdu.destination.digits) <= DIGITS_MAX:
            return Status.RINVDSTADR
        if len(pdu.source.digits) > DIGITS_MAX:
            return Status.RINVSRCADR
        # message_payload is for what is longer: the SMSC divides it itself (3.2.3).
        room = room_for(pdu) if is_ussd(pdu) else SEPTETS_MAX if pdu.data_coding == coding.DEFAULT else USER_DATA_OCTETS
        if isinstance(pdu, SubmitSm) and len(pdu.short_message) > room:
            return Status.RINVMSGLEN
        return 0

    def _has_full_window(self, session: Session) -> bool:
        """Whether the connection has as many submits without an answer as were sold."""
        window = self._sold(session.system_id).window
        return bool(window) and sum(waiting is session for _, _, waiting, _ in self._later) >= window

    def _is_too_fast(self, account: str, at: float) -> bool:
        limits = [limit for limit in (self.faults.throttle_per_s, self._sold(account).tps) if limit]
        if not limits:
            return False
        recent = self._submits.setdefault(account, deque())
        while recent and recent[0] <= at - 1:
            recent.popleft()
        if len(recent) >= min(limits):
            return True
        recent.append(at)
        return False

    def _answer(self, session: Session, answer: Pdu, at: float) -> None:
        if not self.faults.answer_delay_s:
            session.send(answer)
            return
        self._ordinal += 1
        heapq.heappush(self._later, (at + self.faults.answer_delay_s, self._ordinal, session, answer))

    def _plan_receipt(self, taken: Taken, at: float) -> None:
        if not taken.wants_receipt or self.faults.receipts is Receipts.NEVER:
            return
        delays = {
            Receipts.EARLY: 0.0,
            Receipts.ON_TIME: self.faults.receipt_delay_s,
            Receipts.LATE: self.faults.receipt_late_s,
        }
        self.deliveries.add(receipt(taken, self.faults), taken.account, at + delays[self.faults.receipts])

    def _enquire(self, session: Session, at: float) -> None:
        """Ask a peer that has been silent; close on one that does not answer, or never bound."""
        if not self._is_watched(session) or at < self._silent_too_long_at(session):
            return
        if session.is_bound and session.enquired_at is None:
            session.enquired_at = at
            session.send(EnquireLink(session.next_sequence()))
        else:
            session.close()

    def _is_watched(self, session: Session) -> bool:
        return not (session.ends or session.stuck or self.faults.silence)

    def _silent_too_long_at(self, session: Session) -> float:
        if session.enquired_at is None:
            return session.heard_at + self.faults.enquire_s
        return session.enquired_at + self.faults.delivery_answer_s

    def _pump(self, at: float) -> None:
        self.deliveries.pump([] if self.faults.silence else self.sessions, at)

    def _spend(self, counter: str) -> bool:
        """Use one of a counted fault up; False when none is left."""
        left: int = getattr(self.faults, counter)
        if left:
            self.faults = self.faults.model_copy(update={counter: left - 1})
        return left > 0

    def _watch(self, session: Session, way: str, octets: bytes) -> None:
        self.trace.add(self._now, session.number, way, octets)


def _answer_to(pdu: SubmitSm | DataSm, status: int, message_id: str) -> Pdu:
    kind = SubmitSmResp if isinstance(pdu, SubmitSm) else DataSmResp
    return kind(pdu.sequence, status, message_id)
