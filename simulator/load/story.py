"""Stories: what one subscriber does from the first deed to the last, and what must be seen after each.

This module decides what a file of stories may say. Each reply is checked: a screen against a pattern for all of it, an
SMS likewise, numbers against the books (`book`). How a file is read, and where its faults stand, is `story_file`'s.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simulator.call import split_dialled
from simulator.load.pattern import Pattern
from simulator.load.sums import Sum, sum_of
from simulator.phrases import happening, seconds

STEPS_MAX = 100
SHARE_MAX = 10_000
WITHIN_MAX_S = 120

VERBS = ("dial", "answer", "hang_up", "silence", "text", "event")
ENDS = frozenset({"hang_up", "silence"})

Sums = dict[str, Annotated[Sum, BeforeValidator(sum_of)]]


class Step(BaseModel):
    """One deed and what comes of it. A step without a verb waits for an SMS."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dial: str | None = None
    answer: str | None = None
    hang_up: bool | None = None
    silence: str | None = None
    text: str | None = None
    to: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,20}$")] | None = None
    event: str | None = None
    see: str | None = None
    ends: bool = False
    see_sms: str | None = None
    source: str | None = Field(default=None, alias="from")
    within: str = "10 seconds"
    knowing: Sums = {}
    then: Sums = {}

    @property
    def verb(self) -> str:
        """Which of `VERBS` this step is; `see_sms` where it only waits for one."""
        return next((verb for verb in VERBS if getattr(self, verb) is not None), "see_sms")

    @property
    def spoken(self) -> str:
        """As its author would say it: `dial *123#`."""
        value = getattr(self, self.verb)
        what = self.verb.replace("_", " ")
        said = f"{what} {value}" if isinstance(value, str) else what
        return f"{said} to {self.to}" if self.to is not None else said

    @property
    def says_sms(self) -> bool:
        return self.text is not None or self.see_sms is not None

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        verbs = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(verbs) > 1 or (not verbs and self.see_sms is None):
            raise ValueError(f"a step is one of {', '.join(VERBS)}, or see_sms alone; here: {' and '.join(verbs)}")
        if self.hang_up is False:
            raise ValueError("write hang_up: true, or leave the step out")
        if (self.text is None) != (self.to is None):
            raise ValueError("a text needs a number, as in text: Баланс, to: 6111")
        return self

    @model_validator(mode="after")
    def _every_reply_is_checked(self) -> Self:
        if (self.verb in {"dial", "answer"}) != (self.see is not None):
            raise ValueError("dial and answer say what screen comes, as in see: home; nothing else shows a screen")
        if self.ends and self.see is None:
            raise ValueError("ends is said of a screen")
        if self.text is not None and self.see_sms is None:
            raise ValueError("say what answers the text, as in see_sms: points")
        if self.source is not None and self.see_sms is None:
            raise ValueError("from is said of an SMS that comes: write see_sms as well")
        return self

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.dial is not None:
            split_dialled(self.dial)
        if self.event is not None:
            happening(self.event)
        for phrase in filter(None, (self.within, self.silence)):
            if seconds(phrase) > WITHIN_MAX_S:
                raise ValueError(f"nobody waits for {phrase}: {WITHIN_MAX_S} seconds at most")
        return self


class Story(BaseModel):
    """What one subscriber does. `share` is how often it is chosen beside the others of its list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    story: str = Field(min_length=1, max_length=60)
    share: Annotated[int, Field(ge=1, le=SHARE_MAX)] = 1
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=STEPS_MAX)]

    @property
    def says_sms(self) -> bool:
        """Whether it takes an SMSC."""
        return any(step.says_sms for step in self.steps)

    @property
    def texts(self) -> int:
        """How many texts the subscriber sends."""
        return sum(step.text is not None for step in self.steps)

    @property
    def pauses(self) -> int:
        """How many times the subscriber thinks: before each deed but the first."""
        return sum(step.verb not in {"see_sms", "silence"} for step in self.steps[1:])

    @property
    def silence_s(self) -> int:
        """How long it is silent altogether."""
        return sum(seconds(step.silence) for step in self.steps if step.silence is not None)


class Answers(BaseModel):
    """How many texts of one phone a gateway answers, and within what time; beyond that it is silent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: Annotated[int, Field(ge=1)] = 1_000_000
    within: str = "10 minutes"

    @property
    def within_s(self) -> int:
        return seconds(self.within)


@dataclass(frozen=True, slots=True)
class Stories:
    """A file of them, compiled. `new_number` is what the books say of a number that was never used."""

    file: Path
    title: str
    new_number: dict[str, int]
    answers: Answers
    screens: dict[str, Pattern]
    sms: dict[str, Pattern]
    dials: tuple[Story, ...]
    texts: tuple[Story, ...]

    @property
    def says_sms(self) -> bool:
        """Whether any of them takes an SMSC."""
        return any(story.says_sms for story in (*self.dials, *self.texts))

    def without_sms(self) -> "Stories":
        """Those that take no SMSC."""
        dials = tuple(story for story in self.dials if not story.says_sms)
        return Stories(self.file, self.title, self.new_number, self.answers, self.screens, self.sms, dials, ())
