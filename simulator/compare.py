"""What a step expects against what came: a screen, or an SMS. Pure; the first difference is raised, in words.

What an expected text keeps by name (`patterns`) is given back.
"""

import difflib
from collections.abc import Iterable

from simulator.dialogue import Step
from simulator.handset import Screen
from simulator.network import Sms
from simulator.patterns import Values, expression, filled, pattern


class MismatchError(Exception):
    """Something that differs; its text is the explanation."""


def compare_screen(step: Step, screen: Screen, known: Values) -> Values:
    """What the screen told by name. Raises `MismatchError` for the first way in which it is not what the step
    expects."""
    if not screen.gauge.fits:
        raise MismatchError(
            f"the screen does not fit, {screen.gauge}: a network would cut it off\n{framed(screen.text)}"
        )
    told = _compare_text("the screen", screen.text, step.expect, step.match, known)
    _refuse(screen.text, step.not_expect, known)
    if step.ends is not None and step.ends != screen.ends:
        how = "ended" if screen.ends else "went on"
        raise MismatchError(f"the session {how}, unlike expected\n{framed(screen.text)}")
    return told


def compare_sms(step: Step, sms: Sms, known: Values) -> Values:
    """What the SMS told by name. Raises `MismatchError` for the first way in which it is not what the step expects."""
    told = _compare_text("the SMS", sms.text, step.expect_sms, step.match_sms, known)
    _refuse(sms.text, step.not_expect_sms, known)
    if step.source is not None and step.source != sms.source:
        raise MismatchError(f"the SMS is from {sms.source}, not from {step.source}\n{framed(sms.text)}")
    if step.parts is not None and step.parts != sms.parts:
        raise MismatchError(f"the SMS has another number of parts than {step.parts}: {sms}\n{framed(sms.text)}")
    return told


def framed(text: str) -> str:
    """A text under the sentence that is about it."""
    return "\n".join(f"    | {line}" for line in text.split("\n"))


def _compare_text(
    what: str, text: str, expected: str | tuple[str, ...] | None, matched: Iterable[str], known: Values
) -> Values:
    """A text is expected to the letter; several are each expected in some line; expressions, anywhere."""
    told = dict[str, str]()
    lines = text.split("\n")
    if isinstance(expected, str):
        found = pattern(expected.rstrip("\n"), known).fullmatch(text)
        if found is None:
            raise MismatchError(f"{what} differs (- expected, + shown)\n{_difference(expected.rstrip(), lines, known)}")
        told |= found.groupdict()
    for wanted in expected if isinstance(expected, tuple) else ():
        here = pattern(wanted, {**known, **told})
        found = next((found for line in lines if (found := here.search(line))), None)
        if found is None:
            raise MismatchError(f"no line contains {filled(wanted, known)!r}\n{framed(text)}")
        told |= found.groupdict()
    for wanted in matched:
        found = expression(wanted).search(text)
        if found is None:
            raise MismatchError(f"nothing matches {wanted!r}\n{framed(text)}")
        told |= {name: value for name, value in found.groupdict().items() if value is not None}
    return told


def _refuse(text: str, unwanted: Iterable[str], known: Values) -> None:
    for words in unwanted:
        if any(pattern(words, known).search(line) for line in text.split("\n")):
            raise MismatchError(f"a line contains {filled(words, known)!r}, and none should\n{framed(text)}")


def _difference(expected: str, shown: list[str], known: Values) -> str:
    """Line by line. An expected line that some shown one satisfies is drawn as that one."""
    wanted = [
        next((line for line in shown if pattern(one, known).fullmatch(line)), filled(one, known))
        for one in expected.split("\n")
    ]
    return "\n".join(f"    {line.rstrip()}" for line in difflib.ndiff(wanted, shown))
