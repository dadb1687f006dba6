"""A handset in a terminal: the screen as on a phone, the gauge under it, SMS as they come, and a line to type on.

It works with a plain stdin as well (`printf '*123#\\n1\\n' | simulator terminal`). Trouble becomes a sentence and
the handset goes on, because whoever tests wants to try again.
"""

from contextlib import suppress
from typing import assert_never

from rich.align import Align
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from simulator.commands import (
    HELP,
    Command,
    Dial,
    HangUp,
    Help,
    Inbox,
    Issue,
    Leave,
    Nothing,
    Reply,
    SendSms,
    Tell,
    Wait,
    read_command,
)
from simulator.deployment import Deployment
from simulator.errors import SimulatorError, SmscAwayError
from simulator.handset import Handset, Screen
from simulator.mailbox import Mailbox
from simulator.network import Sms

PHONE_WIDTH = 30  # 26 characters a line inside the frame, about what a keypad phone shows
REPLY_S = 5.0  # longer is a gateway in trouble; `inbox` still shows what comes after it


class Terminal:
    """The loop: read a line, do it, show what the phone shows."""

    def __init__(self, handset: Handset, mailbox: Mailbox, deployment: Deployment, console: Console) -> None:
        self._handset = handset
        self._mailbox = mailbox
        self._deployment = deployment
        self._console = console
        self._reads_sms = False  # an SMSC has answered: look for new SMS after each command

    def run(self) -> None:
        """Serve lines until the end of input or `exit`."""
        self._say(
            f"You hold {self._handset.msisdn}. Dial *123# and press Enter, or text 6111 Баланс; "
            "`help` lists what else you can type."
        )
        with suppress(SmscAwayError):  # there need not be one, as long as nobody texts
            self._connect()
        while (line := self._line()) is not None:
            try:
                command = read_command(line, in_session=self._handset.in_session)
                if isinstance(command, Leave):
                    break
                self._do(command)
                self._show_new_sms()
            except SimulatorError as error:
                self._console.print(Text(str(error), style="red"), soft_wrap=True)
        self._leave()

    def _line(self) -> str | None:
        try:
            return self._console.input("answer> " if self._handset.in_session else "dial> ")
        except (EOFError, KeyboardInterrupt):
            self._console.print()
            return None

    def _do(self, command: Command) -> None:
        match command:
            case Dial(dialled):
                self._show(self._handset.dial(dialled))
            case Reply(text):
                self._show(self._handset.answer(text))
            case HangUp():
                self._handset.hang_up()
                self._say("You hung up.")
            case SendSms(to, text):
                self._text(to, text)
            case Inbox():
                self._show_inbox()
            case Tell() | Issue() | Wait():
                self._operate(command)
            case Help():
                self._say(HELP)
            case Leave() | Nothing():
                pass
            case _:
                assert_never(command)

    def _operate(self, command: Tell | Issue | Wait) -> None:
        """What happens to this phone without its doing anything."""
        match command:
            case Tell(happening):
                outcome = self._deployment.tell(self._handset.msisdn, happening)
                self._say(f"The gateway heard of it: {outcome}.")
            case Issue(grant):
                gift_code = self._deployment.issue_gift_code(self._handset.msisdn, grant)
                self._say(f"The code {gift_code} works from this phone, once: dial *123*{gift_code}#.")
            case Wait(seconds):
                self._wait(seconds)
            case _:
                assert_never(command)

    def _connect(self) -> None:
        """Reach the SMSC once; SMS from now on are new."""
        if not self._reads_sms:
            self._mailbox.open()
            self._reads_sms = True

    def _text(self, to: str, text: str) -> None:
        self._connect()
        self._mailbox.send(to, text)
        sms = self._mailbox.next(REPLY_S)
        if sms is None:
            self._say(f"No SMS came back within {REPLY_S:.0f} s: {self._mailbox.fate_of_sent()}.")
        else:
            self._show_sms(sms)

    def _show_inbox(self) -> None:
        self._connect()
        texts = self._mailbox.everything()
        for sms in texts:
            self._show_sms(sms)
        if not texts:
            self._say("No SMS has come to this phone.")

    def _show_new_sms(self) -> None:
        try:
            while self._reads_sms and (sms := self._mailbox.next(0)) is not None:
                self._show_sms(sms)
        except SmscAwayError:  # said once; `text` and `inbox` try again
            self._reads_sms = False
            raise

    def _show_sms(self, sms: Sms) -> None:
        self._console.print(written(sms), soft_wrap=True)

    def _wait(self, seconds: int) -> None:
        at = self._deployment.advance(seconds)
        if at is None:
            self._say("This gateway has no virtual clock (it is not a demo); wait as long as you have to.")
        else:
            self._say(f"In the programme it is now {at:%d.%m.%Y %H:%M} UTC.")

    def _show(self, screen: Screen) -> None:
        self._console.print(drawn(screen, self._handset.msisdn))
        if not screen.gauge.fits:
            self._console.print(Text(f"A network would cut this screen off: {screen.gauge}.", style="red"))
        if screen.ends:
            self._say("The session is over. Dial again when you like.")

    def _say(self, text: str) -> None:
        self._console.print(Text(text, style="dim"), soft_wrap=True)

    def _leave(self) -> None:
        """Hang up as whoever puts a phone away does; a gateway that is gone needs no telling."""
        try:
            self._handset.hang_up()
        except SimulatorError as error:
            self._console.print(Text(str(error), style="red"), soft_wrap=True)


def drawn(screen: Screen, msisdn: str) -> Panel:
    """One screen in a phone's frame, with the gauge on its lower edge."""
    gauge = Text(str(screen.gauge), style="green" if screen.gauge.fits else "bold red")
    lines = [Text(screen.text or " ")]
    if not screen.ends:
        lines.append(Text("\n" + "_" * (PHONE_WIDTH - 4), style="dim"))
    return Panel(Align.left(Text.assemble(*lines)), title=Text(msisdn), subtitle=gauge, width=PHONE_WIDTH)


def written(sms: Sms) -> Text:
    """One SMS: where it came from, when by this machine's clock, and what it cost; below it the text itself."""
    head = f"SMS from {sms.source}, {sms.at.astimezone():%H:%M:%S}, {sms}"
    lines = "\n".join(f"  {line}" for line in sms.text.split("\n"))
    return Text.assemble((head, "dim"), "\n", (lines, "bold"))
