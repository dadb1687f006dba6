"""Dialogue files: who dials or texts what, and what must be on the screen or in the inbox. Written by people who do
not program.

This module decides what such a file may say and where each of its faults stands (file and line). It reads every
scalar as text, so `answer: 00` stays `00`; what the words mean is `phrases`' business, and who plays them `play`'s.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from simulator.call import split_dialled
from simulator.errors import DialogueFileError, Fault
from simulator.marked_yaml import Tree, read
from simulator.phrases import grant, happening, seconds

STEPS_MAX = 500  # a session ends within minutes; longer than this is several dialogues in one file
FRESH = "fresh"
"""A phone whose number is drawn anew for each play, so that a dialogue can be repeated on one database."""

VERBS = ("dial", "answer", "hang_up", "text", "event", "gift_code", "wait")
GIFT_CODE = "{gift_code}"
"""In what is dialled, answered or texted: the gift code that was issued last."""
EXAMPLE_CODE = "123456"
_SMS_CHECKS = ("expect_sms", "expect_no_sms")
_SCREEN_CHECKS = ("expect", "not_expect", "ends")
_OF_EXPECT_SMS = ("not_expect_sms", "from", "parts", "within")

REAL_WAIT_MAX_S = 60  # nobody sits through more


def _as_lines(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_lines)]


class Step(BaseModel):
    """One step: at most one verb; after `dial` or `answer` what the screen must and must not say; and after whatever
    happened, or when nothing did, the same for the next SMS of the phone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str | None = None
    dial: str | None = None
    answer: str | None = None
    hang_up: bool | None = None
    text: str | None = None
    to: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,20}$")] | None = None
    event: str | None = None
    gift_code: str | None = None
    wait: str | None = None
    expect: str | tuple[str, ...] | None = None
    not_expect: Texts = ()
    ends: bool | None = None
    expect_sms: str | tuple[str, ...] | None = None
    not_expect_sms: Texts = ()
    source: str | None = Field(default=None, alias="from")
    parts: Annotated[int, Field(ge=1)] | None = None
    within: str = "10 seconds"
    expect_no_sms: str | None = None

    @property
    def verb(self) -> str:
        """Which of `VERBS` this step is; a step that only checks is called after its check."""
        return next(verb for verb in (*VERBS, *_SMS_CHECKS) if getattr(self, verb) is not None)

    @property
    def says_sms(self) -> bool:
        """Whether the step is about SMS at all."""
        return self.text is not None or any(getattr(self, check) is not None for check in _SMS_CHECKS)

    def knowing(self, gift_code: str) -> "Step":
        """The same step with the code in its place."""
        said = {name: getattr(self, name) for name in ("dial", "answer", "text")}
        filled = {name: value.replace(GIFT_CODE, gift_code) for name, value in said.items() if value is not None}
        return self.model_copy(update=filled)

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        verbs = [verb for verb in VERBS if getattr(self, verb) is not None]
        checks = [check for check in _SMS_CHECKS if getattr(self, check) is not None]
        if len(verbs) > 1 or not verbs + checks:
            found = " and ".join(verbs) or "none"
            raise ValueError(f"a step is exactly one of {', '.join((*VERBS, *_SMS_CHECKS))}; here: {found}")
        if len(checks) > 1:
            raise ValueError("an SMS comes or does not: expect_sms and expect_no_sms are two steps")
        if self.hang_up is False:
            raise ValueError("write hang_up: true, or leave the step out")
        if (self.text is None) != (self.to is None):
            raise ValueError("a text needs a number, as in text: Баланс, to: 6111")
        return self

    @model_validator(mode="after")
    def _checks_fit(self) -> Self:
        named = {self.__class__.model_fields[name].alias or name for name in self.model_fields_set}
        of_screen = ", ".join(check for check in _SCREEN_CHECKS if check in named)
        if of_screen and self.verb not in {"dial", "answer"}:
            hint = "; an SMS is checked by expect_sms" if self.says_sms else ""
            raise ValueError(f"{self.verb} shows no screen, so there is nothing to check by {of_screen}{hint}")
        of_sms = ", ".join(check for check in _OF_EXPECT_SMS if check in named)
        if of_sms and self.expect_sms is None:
            raise ValueError(f"{of_sms} is said of an SMS that comes: write expect_sms as well")
        return self

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.dial is not None:
            split_dialled(self.dial.replace(GIFT_CODE, EXAMPLE_CODE))
        if self.event is not None:
            happening(self.event)
        if self.gift_code is not None:
            grant(self.gift_code)
        if self.wait is not None:
            seconds(self.wait)
        for real in filter(None, (self.within, self.expect_no_sms)):
            if seconds(real) > REAL_WAIT_MAX_S:
                raise ValueError(f"an SMS is waited for in real time, {REAL_WAIT_MAX_S} seconds at most: not {real}")
        return self


class _File(BaseModel):
    """What stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    about: str = ""
    phones: dict[str, str] = Field(default={"phone": FRESH}, min_length=1)
    unread_sms: Literal["fails", "ignored"] = "fails"
    steps: tuple[Step, ...] = Field(max_length=STEPS_MAX)

    @field_validator("steps", mode="before")
    @classmethod
    def _some(cls, steps: object) -> object:
        """Not `min_length`: that also complains when every step has faults of its own."""
        if not steps:
            raise ValueError("a dialogue has at least one step")
        return steps


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue that can be played. `lines` has the line of each step in the file."""

    file: Path
    title: str
    phones: dict[str, str]
    steps: tuple[Step, ...]
    lines: tuple[int, ...]
    ignores_unread_sms: bool

    @property
    def says_sms(self) -> bool:
        """Whether it is about SMS at all; one that is not needs no SMSC."""
        return any(step.says_sms for step in self.steps)

    def phone_of(self, step: Step) -> str:
        """The phone that a step is about; a dialogue with one phone need not name it."""
        return step.phone or next(iter(self.phones))


def load(file: Path) -> Dialogue:
    """Read one dialogue file. Raises `DialogueFileError` with every fault and its line."""
    tree = read(file)
    try:
        content = _File.model_validate(tree.value)
    except ValidationError as error:
        raise DialogueFileError(tuple(_fault(tree, details) for details in error.errors())) from None
    lines = tuple(tree.line_of(("steps", index)) for index in range(len(content.steps)))
    ignores = content.unread_sms == "ignored"
    dialogue = Dialogue(file, content.title, content.phones, content.steps, lines, ignores)
    faults = (*_number_faults(dialogue, tree), *_phone_faults(dialogue))
    if faults:
        raise DialogueFileError(faults)
    return dialogue


def _fault(tree: Tree, details: ErrorDetails) -> Fault:
    """A model's complaint in words for whoever wrote the file."""
    where, message = details["loc"], details["msg"].removeprefix("Value error, ")
    match details["type"]:
        case "extra_forbidden":
            message = f"no such word: {where[-1]}"
        case "missing":
            message = f"{where[-1]} is missing"
    place = " ".join(str(part + 1) if isinstance(part, int) else part for part in where)
    return Fault(tree.file, tree.line_of(where), f"{place}: {message}")


def _number_faults(dialogue: Dialogue, tree: Tree) -> list[Fault]:
    """Phones whose number is neither fresh nor a number."""
    return [
        Fault(dialogue.file, tree.line_of(("phones", name)), f"{name}: write {FRESH}, or a number such as +79210000001")
        for name, number in dialogue.phones.items()
        if number != FRESH and not re.fullmatch(r"\+\d{8,15}", number)
    ]


def _phone_faults(dialogue: Dialogue) -> list[Fault]:
    """Steps about a phone that is not there, or about none where there are several."""
    faults = []
    names = ", ".join(dialogue.phones)
    for step, line in zip(dialogue.steps, dialogue.lines, strict=True):
        if step.phone is not None and step.phone not in dialogue.phones:
            faults.append(Fault(dialogue.file, line, f"no such phone: {step.phone}; there are: {names}"))
        elif step.phone is None and len(dialogue.phones) > 1 and (step.verb != "wait" or step.says_sms):
            faults.append(Fault(dialogue.file, line, f"say whose step this is: phone: one of {names}"))
    return faults
