"""The bench: up to four phones side by side, their journal, and what is recorded of it.

Every page that is open shows the same bench, so a page that is loaded again finds its phones. When no page has asked
for a while, the phones are put away.
"""

import re
import time
from collections.abc import Callable, Mapping
from secrets import token_hex

from simulator.call import Dialect
from simulator.dialects import dialect as dialect_of
from simulator.dialects import names as dialect_names
from simulator.errors import NotPlayableError, PhraseError, SimulatorError, SmscAwayError
from simulator.network import State
from simulator.numbers import fresh_number
from simulator.smsc.inbox import digits
from simulator.smsc.trace import Shown
from simulator.web.around import Around
from simulator.web.glass import Glass
from simulator.web.journal import EVERYBODY, KEPT_MAX, Journal
from simulator.web.phone import Phone
from simulator.web.recorder import Heard, written
from simulator.world import World

PHONES_MAX = 4
IDLE_S = 30 * 60.0
"""A page that is open asks twice a second: this long without a question, and nobody is there."""
TIMELINE_MAX = 40
PAGES_MAX = 20
"""Of a thousand PDUs each, in one look: all that an SMSC keeps."""


class NoSuchPhoneError(SimulatorError):
    """The page means a phone that was put away, by itself or by another page."""


class Bench:
    """The phones, by identity, in the order in which they were added."""

    def __init__(
        self,
        world: World,
        dialect: Dialect,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.identity = token_hex(8)
        """Another one after each start: cursors of a page begin anew then."""
        self.journal = Journal()
        self.phones: dict[str, Phone] = {}
        self.world = world
        self.url = world.deployment.access.url
        self.dialect = dialect
        """Of phones that are added without naming one."""
        self.around = Around(world, self.journal, now)
        self._network = world.network
        self._now = now
        self._heard_at = now()
        self._ordinal = 0
        self._glass = Glass()
        self._smsc: State | None = None
        self._trouble = ""
        self._recorded_from: int | None = None
        self._fresh = True

    def add(self, msisdn: str, dialect: str = "", link: str = "", language: str = "") -> Phone:
        """Put a phone on the bench, with what its inbox has; joined to the USSD gateway of that dialect, texting to the
        SMPP link of that system_id alone, and spoken to in that language, where they are named. Raises with a sentence
        when there is no room, or the gateway refuses the language."""
        number = msisdn.strip()
        if not re.fullmatch(r"\+\d{8,15}", number):
            raise PhraseError(f"{number!r} is no number: write it with its country, such as +79210000001")
        if len(self.phones) >= PHONES_MAX:
            raise NotPlayableError(f"{PHONES_MAX} handsets are the most: put one away first")
        if any(phone.msisdn == number for phone in self.phones.values()):
            raise NotPlayableError(f"{number} is in another handset already")
        spoken = dialect_of(dialect) if dialect else self.dialect
        self._ordinal += 1
        phone = Phone(str(self._ordinal), number, spoken, self.world, self.journal, link)
        if language:
            self._speak_from_the_start(phone, language)
        self.phones[phone.identity] = phone
        try:
            phone.open_inbox()
        except SmscAwayError as error:  # dialling needs no SMSC
            self._trouble = str(error)
        return phone

    def _speak_from_the_start(self, phone: Phone, language: str) -> None:
        try:
            phone.choose_language(language)
        except SimulatorError:
            self.journal.forget(phone.identity)  # it comes to no bench
            raise

    def phone(self, identity: str) -> Phone:
        """The phone of that identity. Raises `NoSuchPhoneError`."""
        if identity not in self.phones:
            raise NoSuchPhoneError("this handset was put away: add one")
        return self.phones[identity]

    def remove(self, identity: str) -> None:
        """Put a phone away, with all that was noted of it."""
        phone = self.phone(identity)
        del self.phones[identity]
        phone.put_away()
        self.journal.forget(identity)

    def heard(self) -> None:
        """A page asked. If that is the first for long, the phones of the last one are gone."""
        now = self._now()
        if now - self._heard_at > IDLE_S:
            for identity in list(self.phones):
                self.remove(identity)
        self._heard_at = now

    def record(self, *, fresh: bool) -> None:
        """Record from now on. With fresh numbers every phone is changed for one without a past, so that the story can
        be told again; what was chosen as their language is chosen again, as its first step. Raises `NotPlayableError`
        when it records already."""
        if self._recorded_from is not None:
            raise NotPlayableError("it records already: stop that first")
        chosen: list[tuple[Phone, str]] = []
        if fresh:
            for phone in list(self.phones.values()):
                self.remove(phone.identity)
                chosen.append((self.add(fresh_number(), phone.dialect.name, phone.link), phone.language))
        for phone in self.phones.values():
            phone.hang_up()
        self._fresh = fresh
        self._recorded_from = self.journal.newest
        self.journal.note(EVERYBODY, "recording", {"text": "begins"})
        for phone, language in chosen:
            if language:
                phone.choose_language(language)

    def stop_recording(self) -> str:
        """What was recorded, as a dialogue. Raises `NotPlayableError` when nothing is, or its beginning is lost."""
        began, self._recorded_from = self._recorded_from, None
        if began is None:
            raise NotPlayableError("nothing is recorded: press Record first")
        self.journal.note(EVERYBODY, "recording", {"text": "ends"})
        if self.journal.forgotten > began:
            raise NotPlayableError(f"more happened than the {KEPT_MAX} entries that are kept: record a shorter story")
        entries = self.journal.after(began)
        heard = {phone.identity: Heard(phone.msisdn, phone.dialect.name, phone.link) for phone in self.phones.values()}
        return written(entries, heard, self.dialect.name, fresh=self._fresh)

    def look(self) -> None:
        """Note what the SMSC has of these phones since the last look, and how it is around. One look at a time."""
        self.around.look()
        try:
            now = self._network.state()
            before, self._smsc = self._smsc or State(0, now.pdus, now.pushed, {}), now
            if now.texts < before.texts or now.pdus < before.pdus:
                before = State(0, 0, 0, {})
                for phone in self.phones.values():
                    phone.change_sim()
            for phone in list(self.phones.values()):
                if now.texts != before.texts:
                    phone.look()
                if now.pushed:
                    phone.look_for_pushed()
            if now.pdus != before.pdus:
                self._look_through_glass(before.pdus)
            self._trouble = ""
        except SmscAwayError as error:
            self._trouble = str(error)

    def news(self, after: int) -> Mapping[str, Shown]:
        """What a page needs that has seen everything up to a number."""
        phones: list[Shown] = [
            {
                "id": phone.identity,
                "msisdn": phone.msisdn,
                "in_session": phone.in_session,
                "dialect": phone.dialect.name,
                "link": phone.link,
                "language": phone.language,
                "ordered": phone.ordered,
                "answer_s": phone.dialect.profile.answer_s,
                "idle_s": phone.dialect.profile.idle_s,
                "total_s": phone.dialect.profile.total_s,
            }
            for phone in list(self.phones.values())
        ]
        newest = self.journal.newest  # read first: an entry in between comes again rather than never
        entries: list[Shown] = [dict(entry) for entry in self.journal.after(after)]
        head: dict[str, Shown] = {"bench": self.identity, "gateway": self.url, "sms_trouble": self._trouble}
        faults: Shown = None if self._smsc is None or self._trouble else dict(self._smsc.faults)
        return {
            **head,
            "smsc_faults": faults,
            "billing_faults": self.around.billing,
            "frozen_stores": self.around.frozen,
            "dialects": list(dialect_names()),
            "dialect": self.dialect.name,
            "languages": self.around.languages or [],
            "partners": self.around.partners or [],
            "pushes": self.around.pushes or [],
            "recording": self._recorded_from is not None,
            "newest": newest,
            "phones": phones,
            "phones_max": PHONES_MAX,
            "entries": entries,
        }

    def order(self, named: str, orders: Mapping[str, Shown]) -> None:
        """Let the SMSC behave so from now on, or at once (`smsc.faults.Orders`); `named` is what a page calls it."""
        self._network.order(orders)
        self.journal.note(EVERYBODY, "smsc", {"text": named, "orders": dict(orders)})

    def inside(self, identity: str) -> Mapping[str, Shown]:
        """What the gateway knows of a phone's subscriber."""
        msisdn, deployment = self.phone(identity).msisdn, self.world.deployment
        timeline: list[Shown] = [dict(item) for item in deployment.timeline(msisdn, TIMELINE_MAX)]
        return {"member": deployment.member(msisdn), "session": deployment.session(msisdn), "timeline": timeline}

    def menu(self, language: str) -> str:
        """The gateway's menu as a drawing, SVG. Raises `NotPlayableError` where it shows none."""
        drawn = self.world.deployment.menu(language)
        if drawn is None:
            raise NotPlayableError("this gateway shows no drawing of its menu: only a demo does (serve --demo)")
        return drawn

    def _look_through_glass(self, after: int) -> None:
        phones = {digits(phone.msisdn): phone.identity for phone in self.phones.values()}
        for _ in range(PAGES_MAX):
            page = self._network.pdus(after)
            if not page:
                break
            after = page[-1]["number"]
            for phone, pdu in self._glass.sorted(page, phones):
                said = {name: value for name, value in pdu.items() if name not in {"number", "at"}}
                self.journal.note(phone, "pdu", {**said, "pdu_number": pdu["number"]}, pdu["at"])
