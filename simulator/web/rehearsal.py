"""Plays what a tester has written: to see whether it passes, or, after a recording, to learn what changes each time.

A recording has heard every text once. A rehearsal hears them all again, on phones without a past: what is another
number or another code then is written as a placeholder, and everything else stays what the tester saw.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulator.call import Dialect
from simulator.dialogue import GIFT_CODE, Dialogue, Step, load_text
from simulator.network import Sms
from simulator.patterns import KINDS, Values, pattern
from simulator.play import Result, Seen, play, strictly
from simulator.smsc.trace import Shown
from simulator.web.recorder import lasting
from simulator.world import World

FILE = Path("recorded.yaml")
"""What faults call a dialogue that stands in no file."""
_TOKENS = re.compile(r"\{[a-z_:]+\}|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*|\s+|.")


@dataclass(slots=True)
class _Heard:
    """What was seen, with the line of its step."""

    dialogue: Dialogue
    seen: list[tuple[int, Seen]] = field(default_factory=list)

    def watch(self, step: Step, seen: Seen) -> None:
        # By identity: two steps may say the same.
        place = next(at for at, one in enumerate(self.dialogue.steps) if one is step)
        self.seen.append((self.dialogue.lines[place], seen))


def played(text: str, world: World, dialect: Dialect) -> dict[str, Shown]:
    """Play a dialogue as it is written. Raises `SimulatorError` for one that cannot be read or played."""
    dialogue = load_text(text, FILE)
    heard = _Heard(dialogue)
    return _told(play(dialogue, world, dialect, heard.watch), heard, text)


def rehearsed(text: str, world: World, dialect: Dialect) -> dict[str, Shown]:
    """Play a recording, write what changed since as placeholders, and say what is left that differs."""
    dialogue = load_text(text, FILE)
    heard = _Heard(dialogue)
    learned: dict[str, str] = {}

    def judge(step: Step, seen: Seen, known: Values) -> Values:
        expected = step.expect_sms if isinstance(seen, Sms) else step.expect
        if isinstance(expected, str):
            holds = learned[expected] = merged(expected.rstrip("\n"), seen.text, known)
            name = "expect_sms" if isinstance(seen, Sms) else "expect"
            return strictly(step.model_copy(update={name: holds}), seen, known)
        return strictly(step, seen, known)

    result = play(dialogue, world, dialect, heard.watch, judge)
    for expected, holds in learned.items():
        text = _rewritten(text, expected.rstrip("\n"), holds)
    return _told(result, heard, text)


def merged(expected: str, shown: str, known: Values) -> str:
    """The expected text, with a placeholder wherever only a number or a code is another one now."""
    lines, seen = expected.split("\n"), shown.split("\n")
    if len(lines) != len(seen):
        return expected
    return "\n".join(_merged_line(line, other, known) for line, other in zip(lines, seen, strict=True))


def _merged_line(line: str, shown: str, known: Values) -> str:
    if pattern(line, known).fullmatch(shown):
        return line
    here, there = _TOKENS.findall(line), _TOKENS.findall(lasting(shown, known.get(GIFT_CODE, "")))
    if len(here) != len(there):
        return line
    return "".join(_merged_token(one, other, known) for one, other in zip(here, there, strict=True))


def _merged_token(one: str, other: str, known: Values) -> str:
    if one == other or pattern(one, known).fullmatch(other):
        return one
    for kind in ("number", "code"):
        if re.fullmatch(KINDS[kind], one) and re.fullmatch(KINDS[kind], other) and _has_digits(one, other):
            return f"{{{kind}}}"
    return one


def _has_digits(*tokens: str) -> bool:
    """Two words differ since the texts do; two numbers, since the days do."""
    return all(re.search(r"\d", token) for token in tokens)


def _rewritten(text: str, expected: str, holds: str) -> str:
    """The file with an expectation as it holds: it may stand below a `|`, with its depth before each line."""
    if expected == holds:
        return text
    was, becomes = ("\n".join(f"      {line}" if line else "" for line in one.split("\n")) for one in (expected, holds))
    return text.replace(f"{was}\n", f"{becomes}\n")


def _told(result: Result, heard: _Heard, text: str) -> dict[str, Shown]:
    seen: list[Shown] = [
        {"line": line, "kind": "sms" if isinstance(one, Sms) else "screen", "text": one.text}
        for line, one in heard.seen
    ]
    counts: Mapping[str, Shown] = {"screens": result.screens, "texts": result.texts}
    failure = result.failure.removeprefix(f"{FILE}:").removeprefix(f"{result.line}: ")
    return {**counts, "passed": result.passed, "failure": failure, "line": result.line, "seen": seen, "text": text}
