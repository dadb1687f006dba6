"""One phone of the page: a handset and a mailbox, and a note in the journal of everything that they do.

Its methods wait for the gateway or the SMSC, and are called from threads; whoever calls lets one of them at a time at
the handset. Trouble is noted as a sentence and raised.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from threading import Lock

from simulator.call import Answer, Closing, Dialect, Message
from simulator.errors import HungUpError, PhraseError, SimulatorError
from simulator.gauge import Gauge, forcing, measured_typed
from simulator.handset import CHANCE, Handset, Screen
from simulator.line import Line, mishap
from simulator.mailbox import Mailbox
from simulator.network import Sms
from simulator.phrases import grant, happening
from simulator.smsc.trace import Shown
from simulator.unasked import Unasked
from simulator.web.journal import Entry, Journal
from simulator.world import World

LOOKED_AT_MAX = 100
"""SMS that one look takes out of the mailbox; the next look takes the next."""


class Phone:
    """One number. `identity` names it in the page's addresses."""

    def __init__(
        self,
        identity: str,
        msisdn: str,
        dialect: Dialect,
        world: World,
        journal: Journal,
        link: str = "",
    ) -> None:
        self.identity = identity
        self.msisdn = msisdn
        self.dialect = dialect
        self.link = link
        self._world = world
        self.language = ""
        """What was chosen here last; none: as the network, that is the programme, says."""
        self._deployment = world.deployment
        self._network = world.network
        self._journal = journal
        self._line = Line(self._send, self._abandon)
        self._handset = Handset(msisdn, dialect, self._line.hop, CHANCE, self._line.note)
        self._mailbox = Mailbox(msisdn, world.network, link)
        self._unasked = Unasked(msisdn, dialect, world.network)
        self._mail = Lock()  # a text may be sent while somebody looks what has come

    @property
    def in_session(self) -> bool:
        """Whether a screen waits for an answer."""
        return self._handset.in_session

    @property
    def ordered(self) -> str | None:
        """What the USSD network is to do to the next hop."""
        return self._line.ordered

    def dial(self, dialled: str) -> None:
        """Dial a code."""
        self._note("dialled", {"text": dialled})
        with self._told():
            self._show(self._handset.dial(dialled))

    def answer(self, text: str) -> None:
        """Answer the screen."""
        self._note("answered", {"text": text})
        with self._told():
            self._show(self._handset.answer(text))

    def hang_up(self) -> None:
        """Break the session off, under a hop too; without one nothing happens, as on a phone."""
        if self._handset.in_session:
            self._note("hung_up", {})
            with self._told():
                self._handset.hang_up()

    def befall(self, words: str) -> None:
        """The USSD network does something: to the next hop, or to the session now (`line.WORDS`)."""
        with self._told():
            what = mishap(words)
            if not isinstance(what, Closing):
                self._line.order(what)
                self._note("network", {"text": words, "ends": False})
            elif not self._handset.in_session:
                raise PhraseError("no session is open that could end: dial first, for instance *123#")
            else:
                self._note("network", {"text": words, "ends": True})
                self._handset.hang_up(what)

    def text(self, to: str, text: str) -> None:
        """Send an SMS."""
        with self._told():
            with self._mail:
                self._mailbox.send(to, text)
            gauge, parts = measured_typed(text)
            self._note("sms_sent", {"to": to, "text": text, **shown_gauge(gauge, text, parts)})

    def tell(self, phrase: str) -> None:
        """The operator's systems report something of this subscriber: `top-up 500 roubles`."""
        with self._told():
            outcome = self._deployment.tell(self.msisdn, happening(phrase))
            self._note("operator", {"text": phrase, "outcome": outcome})

    def issue_gift_code(self, phrase: str) -> None:
        """The operator's staff issue a gift code to this number: `500 points`."""
        with self._told():
            gift_code = self._deployment.issue_gift_code(self.msisdn, grant(phrase))
            self._note("gift_code", {"text": phrase, "gift_code": gift_code})

    def choose_language(self, language: str) -> None:
        """The operator's staff choose in which language the programme speaks to this number."""
        with self._told():
            self._deployment.choose_language(self.msisdn, language)
            self.language = language
            self._note("language", {"text": language})

    def push(self, name: str) -> None:
        """The operator's systems show this subscriber something unasked; the phone shows it when it comes."""
        with self._told():
            push_id = self._deployment.push(self.msisdn, name, self._unasked.smsc)
            self._note("push", {"text": name, "push_id": push_id})

    def look_for_pushed(self) -> None:
        """Show what the network shows unasked, while no session is open."""
        if self._handset.takes_pushes and (pushed := self._unasked.next()) is not None:
            with suppress(SimulatorError), self._told():  # noted; whoever looks at all phones goes on
                self._show(self._handset.show(pushed), unasked=True)

    def open_inbox(self) -> None:
        """Show what the SMSC still has for this number; later texts and screens are new."""
        self._unasked.open()
        with self._mail:
            for sms in self._mailbox.everything():
                self._note_sms(sms)

    def look(self) -> None:
        """Note the SMS that have come since."""
        with self._mail:
            for _ in range(LOOKED_AT_MAX):
                sms = self._mailbox.next(0)
                if sms is None:
                    break
                self._note_sms(sms)

    def change_sim(self) -> None:
        """The SMSC was started again and counts from 1: so does the mailbox."""
        with self._mail:
            self._mailbox = Mailbox(self.msisdn, self._network, self.link)
        self._unasked = Unasked(self.msisdn, self.dialect, self._network)

    def put_away(self) -> None:
        """Hang up as whoever puts a phone away does; a gateway that is gone needs no telling."""
        with suppress(SimulatorError):
            self._handset.hang_up()

    def _send(self, message: Message) -> Answer:
        """Send for the handset, and note both sides as they were on the wire. What goes over SMPP is noted by whoever
        looks through the SMSC's glass."""
        if message.by_smsc:
            return self._world.send(message)
        began = time.monotonic()
        try:
            answer = self._world.send(message)
        except SimulatorError as error:
            self._note("hop", _hop(message, None, began) | {"error": str(error)})
            raise
        self._note("hop", _hop(message, answer, began))
        return answer

    def _abandon(self, message: Message) -> None:
        """Send and wait for nothing; noted as a hop without an answer."""
        began = time.monotonic()
        self._world.abandon(message)
        if message.by_smsc:
            return
        self._note("hop", _hop(message, None, began) | {"error": "the network did not wait for the answer"})

    def _show(self, screen: Screen, *, unasked: bool = False) -> None:
        said: Entry = {"text": screen.text, "ends": screen.ends, "unasked": unasked}
        self._note("screen", {**said, **shown_gauge(screen.gauge, screen.text)})

    def _note_sms(self, sms: Sms) -> None:
        said: Entry = {"from": sms.source, "text": sms.text}
        self._note("sms", {**said, **shown_gauge(sms.gauge, sms.text, sms.parts)}, sms.at.timestamp())

    def _note(self, kind: str, said: Entry, at: float | None = None) -> None:
        self._journal.note(self.identity, kind, said, at)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Note what goes wrong inside, and let it go on. An answer that nobody waited for goes wrong for nobody."""
        try:
            yield
        except HungUpError:
            return
        except SimulatorError as error:
            self._note("error", {"text": str(error), "on_the_way": not isinstance(error, PhraseError)})
            raise


def shown_gauge(gauge: Gauge, text: str, parts: int | None = None) -> dict[str, Shown]:
    """A gauge as the page draws it; a screen has no parts. `forces` is the first character that GSM-7 does not have."""
    head: dict[str, Shown] = {"words": str(gauge), "fits": gauge.fits, "parts": parts}
    return {"gauge": {**head, "length": gauge.length, "length_max": gauge.length_max, "forces": forcing(text)}}


def _hop(request: Message, response: Answer | None, began: float) -> dict[str, Shown]:
    return {
        "request": asdict(request),
        "response": None if response is None else asdict(response),
        "took_ms": round((time.monotonic() - began) * 1000, 1),
    }
