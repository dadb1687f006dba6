"""A handset in a terminal: the screen as on a phone, the gauge under it, and a line to type on.

It works with a plain stdin as well (`printf '*123#\\n1\\n' | simulator terminal`). Trouble becomes a sentence and
the handset goes on, because whoever tests wants to try again.
"""

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
    Leave,
    Nothing,
    Reply,
    Tell,
    Wait,
    read_command,
)
from simulator.deployment import Deployment
from simulator.errors import SimulatorError
from simulator.handset import Handset, Screen

PHONE_WIDTH = 30  # 26 characters a line inside the frame, about what a keypad phone shows


class Terminal:
    """The loop: read a line, do it, show what the phone shows."""

    def __init__(self, handset: Handset, deployment: Deployment, console: Console) -> None:
        self._handset = handset
        self._deployment = deployment
        self._console = console

    def run(self) -> None:
        """Serve lines until the end of input or `exit`."""
        self._say(f"You hold {self._handset.msisdn}. Dial *123# and press Enter; `help` lists what else you can type.")
        while (line := self._line()) is not None:
            try:
                command = read_command(line, in_session=self._handset.in_session)
                if isinstance(command, Leave):
                    break
                self._do(command)
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
            case Tell(happening):
                outcome = self._deployment.tell(self._handset.msisdn, happening)
                self._say(f"The gateway heard of it: {outcome}.")
            case Wait(seconds):
                self._wait(seconds)
            case Help():
                self._say(HELP)
            case Leave() | Nothing():
                pass
            case _:
                assert_never(command)

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
