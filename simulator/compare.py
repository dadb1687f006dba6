"""What a step expects against what came: a screen, or an SMS. Pure; the first difference is raised, in words."""

import difflib

from simulator.dialogue import Step
from simulator.handset import Screen
from simulator.network import Sms


class MismatchError(Exception):
    """Something that differs; its text is the explanation."""


def compare_screen(step: Step, screen: Screen) -> None:
    """Raise `MismatchError` for the first way in which the screen is not what the step expects."""
    if not screen.gauge.fits:
        raise MismatchError(
            f"the screen does not fit, {screen.gauge}: a network would cut it off\n{framed(screen.text)}"
        )
    _compare_text("the screen", screen.text, step.expect, step.not_expect)
    if step.ends is not None and step.ends != screen.ends:
        how = "ended" if screen.ends else "went on"
        raise MismatchError(f"the session {how}, unlike expected\n{framed(screen.text)}")


def compare_sms(step: Step, sms: Sms) -> None:
    """Raise `MismatchError` for the first way in which the SMS is not what the step expects."""
    _compare_text("the SMS", sms.text, step.expect_sms, step.not_expect_sms)
    if step.source is not None and step.source != sms.source:
        raise MismatchError(f"the SMS is from {sms.source}, not from {step.source}\n{framed(sms.text)}")
    if step.parts is not None and step.parts != sms.parts:
        raise MismatchError(f"the SMS has another number of parts than {step.parts}: {sms}\n{framed(sms.text)}")


def framed(text: str) -> str:
    """A text under the sentence that is about it."""
    return "\n".join(f"    | {line}" for line in text.split("\n"))


def _compare_text(what: str, text: str, expected: str | tuple[str, ...] | None, unwanted: tuple[str, ...]) -> None:
    """A text is expected to the letter; several are each expected in some line."""
    if isinstance(expected, str) and expected.rstrip("\n") != text:
        difference = _difference(expected.rstrip("\n"), text)
        raise MismatchError(f"{what} differs (- expected, + shown)\n{difference}")
    lines = text.split("\n")
    for wanted in expected if isinstance(expected, tuple) else ():
        if not any(wanted in line for line in lines):
            raise MismatchError(f"no line contains {wanted!r}\n{framed(text)}")
    for words in unwanted:
        if any(words in line for line in lines):
            raise MismatchError(f"a line contains {words!r}, and none should\n{framed(text)}")


def _difference(expected: str, shown: str) -> str:
    lines = difflib.ndiff(expected.split("\n"), shown.split("\n"))
    return "\n".join(f"    {line.rstrip()}" for line in lines)
