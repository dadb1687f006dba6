"""Plays a dialogue against a gateway and says whether every screen was what the file expects.

Every screen is also measured: one that a network would cut off fails the dialogue, asked or not. The first
difference ends it, because what follows on a phone depends on what came before.
"""

import difflib
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from simulator.call import Dialect
from simulator.deployment import Deployment
from simulator.dialogue import FRESH, Dialogue, Step
from simulator.errors import EventRefusedError, HopFailedError, NotPlayableError, PhraseError, SimulatorError
from simulator.handset import Handset, Screen
from simulator.phrases import happening, seconds

REAL_WAIT_MAX_S = 60  # without a virtual clock; nobody sits through more
Watch = Callable[[Step, Screen], None]


def unseen(step: Step, screen: Screen) -> None:
    """The `watch` of a play that nobody watches."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one play went. `failure` is empty when all was as expected; else it says where and how it differed."""

    dialogue: Dialogue
    screens: int
    failure: str = ""

    @property
    def passed(self) -> bool:
        return not self.failure


class _MismatchError(Exception):
    """A screen that differs; its text is the explanation."""


def play(dialogue: Dialogue, deployment: Deployment, dialect: Dialect, watch: Watch = unseen) -> Result:
    """Play all steps, or those up to the first difference. `watch` sees each screen as it appears.

    Raises `SimulatorError` when the gateway is down or cannot do what a step asks.
    """
    numbers = {name: _fresh_number() if number == FRESH else number for name, number in dialogue.phones.items()}
    handsets = {name: Handset(number, dialect, deployment.send) for name, number in numbers.items()}
    try:
        return _played(dialogue, handsets, deployment, watch)
    finally:
        for handset in handsets.values():
            with suppress(SimulatorError):  # whatever went wrong has been said; this only leaves no session behind
                handset.hang_up()


def _played(dialogue: Dialogue, handsets: dict[str, Handset], deployment: Deployment, watch: Watch) -> Result:
    screens = 0
    for step, line in zip(dialogue.steps, dialogue.lines, strict=True):
        handset = handsets[dialogue.phone_of(step)]
        try:
            screen = _done(step, handset, deployment)
            if screen is not None:
                screens += 1
                watch(step, screen)
                _compare(step, screen)
            _check_closing(handset)
        except (_MismatchError, EventRefusedError, HopFailedError, PhraseError) as error:
            return Result(dialogue, screens, f"{dialogue.file}:{line}: {_spoken(step)}: {error}")
    return Result(dialogue, screens)


def _done(step: Step, handset: Handset, deployment: Deployment) -> Screen | None:
    """Do what the step says; the screen that it led to, if any."""
    if step.dial is not None:
        return handset.dial(step.dial)
    if step.answer is not None:
        return handset.answer(step.answer)
    if step.event is not None:
        deployment.tell(handset.msisdn, happening(step.event))
    elif step.wait is not None:
        _wait(seconds(step.wait), deployment)
    else:
        handset.hang_up()
    return None


def _wait(wait_s: int, deployment: Deployment) -> None:
    if deployment.advance(wait_s) is not None:
        return
    if wait_s > REAL_WAIT_MAX_S:
        raise NotPlayableError(
            f"this deployment has no virtual clock, and {wait_s} s is too long to wait for: "
            "play the dialogue against `gateway serve --demo`"
        )
    time.sleep(wait_s)  # the dialogue asks for real time to pass: that is the step, not a race covered up


def _compare(step: Step, screen: Screen) -> None:
    """Raise `_MismatchError` for the first way in which the screen is not what the step expects."""
    if not screen.gauge.fits:
        raise _MismatchError(f"the screen does not fit, {screen.gauge}: a network would cut it off\n{_framed(screen)}")
    if isinstance(step.expect, str) and step.expect.rstrip("\n") != screen.text:
        raise _MismatchError(
            f"the screen differs (- expected, + shown)\n{_difference(step.expect.rstrip(chr(10)), screen.text)}"
        )
    lines = screen.text.split("\n")
    for wanted in step.expect if isinstance(step.expect, tuple) else ():
        if not any(wanted in line for line in lines):
            raise _MismatchError(f"no line contains {wanted!r}\n{_framed(screen)}")
    for unwanted in step.not_expect:
        if any(unwanted in line for line in lines):
            raise _MismatchError(f"a line contains {unwanted!r}, and none should\n{_framed(screen)}")
    if step.ends is not None and step.ends != screen.ends:
        raise _MismatchError(f"the session {'ended' if screen.ends else 'went on'}, unlike expected\n{_framed(screen)}")


def _check_closing(handset: Handset) -> None:
    """The application must take the note that a session is over, though no subscriber would notice."""
    answer = handset.closing_answer
    if answer is not None and answer.status >= 400:
        raise _MismatchError(f"the gateway refused the note that the session is over: HTTP {answer.status}")


def _spoken(step: Step) -> str:
    """The step as its author would say it: `dial *123#`."""
    value = getattr(step, step.verb)
    what = step.verb.replace("_", " ") + ("" if value is True else f" {value}")
    return f"{step.phone}: {what}" if step.phone else what


def _framed(screen: Screen) -> str:
    return "\n".join(f"    | {line}" for line in screen.text.split("\n"))


def _difference(expected: str, shown: str) -> str:
    lines = difflib.ndiff(expected.split("\n"), shown.split("\n"))
    return "\n".join(f"    {line.rstrip()}" for line in lines)


def _fresh_number() -> str:
    return f"+7921{random.SystemRandom().randrange(10**7):07d}"
