"""Dialogue files: who dials or texts what, and what must be on the screen or in the inbox. Written by people who do
not program.

This module decides what such a file may say and where each of its faults stands (file and line). It reads every
scalar as text, so `answer: 00` stays `00`; what the words mean is the business of `phrases`, `line` and `patterns`, and
who plays them `play`'s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from simulator import billing, staff, stores
from simulator.call import split_dialled
from simulator.dialects import dialect
from simulator.errors import DialogueFileError, Fault
from simulator.line import mishap
from simulator.marked_yaml import Tree, fault, read, read_text
from simulator.patterns import Values, expression, filled, names
from simulator.phrases import grant, happening, seconds
from simulator.smsc.faults import Orders

STEPS_MAX = 500  # a session ends within minutes; longer than this is several dialogues in one file
FRESH = "fresh"
"""A phone whose number is drawn anew for each play, so that a dialogue can be repeated on one database."""

OPERATOR_VERBS = ("event", "gift_code", "language")
"""What the operator's systems and staff do about a number."""
STAFF_VERBS = ("switch", "stock")
"""What staff do that everybody notices."""
OTHERS_VERBS = ("smsc", "billing", "store", "wait", *STAFF_VERBS)
VERBS = ("dial", "answer", "push", "hang_up", "text", *OPERATOR_VERBS, "network", *OTHERS_VERBS)
OF_NOBODY = frozenset(OTHERS_VERBS)
"""What happens to everybody: such a step need not say whose it is."""
ALONE = (*OF_NOBODY, "network")
"""What others would notice too: a dialogue with such a step is played when no other is."""
GIFT_CODE = "gift_code"
"""The name of the gift code that was issued last."""
EXAMPLE = "123456"
IN_ORDER = "in order"
_SMS_CHECKS = ("expect_sms", "match_sms", "expect_no_sms")
_SCREEN_CHECKS = ("expect", "match", "not_expect", "ends")
_OF_SMS = ("not_expect_sms", "from", "parts", "within")
SHOW_SCREENS = frozenset({"dial", "answer", "push"})
"""After which a screen is looked at. What is pushed, the operator's systems show unasked."""
_SAID = ("dial", "answer", "text")
_EXPECTED = ("expect", "not_expect", "expect_sms", "not_expect_sms")
_MATCHED = ("match", "match_sms")

REAL_WAIT_MAX_S = 60  # nobody sits through more


def _as_lines(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_lines)]
DialectName = Annotated[str, AfterValidator(lambda name: dialect(name).name)]
Behaviour = dict[str, str] | Literal["in order"]


class Phone(BaseModel):
    """A phone of the story: its number, and the gateways that it is joined to if not those of the play."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str = FRESH
    dialect: DialectName | None = None
    link: Annotated[str, Field(pattern=r"^[!-~]{1,15}$")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _number_alone(cls, value: object) -> object:
        return {"number": value} if isinstance(value, str) else value

    @field_validator("number")
    @classmethod
    def _a_number(cls, value: str) -> str:
        if value != FRESH and not re.fullmatch(r"\+\d{8,15}", value):
            raise ValueError(f"write {FRESH}, or a number such as +79210000001")
        return value


class Step(BaseModel):
    """One step: at most one verb; after `dial`, `answer` or `push` what the screen must and must not say, or that none
    comes; and after whatever happened, or when nothing did, the same for the next SMS of the phone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str | None = None
    dial: str | None = None
    answer: str | None = None
    push: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None
    hang_up: bool | None = None
    text: str | None = None
    to: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,20}$")] | None = None
    event: str | None = None
    gift_code: str | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    network: str | None = None
    smsc: Behaviour | None = None
    billing: Behaviour | None = None
    store: str | None = None
    switch: Texts | Literal["in order"] | None = None
    stock: dict[str, Annotated[int, Field(ge=0)]] | Literal["in order"] | None = None
    wait: str | None = None
    expect: str | tuple[str, ...] | None = None
    match: Texts = ()
    not_expect: Texts = ()
    ends: bool | None = None
    fails: bool = False
    expect_sms: str | tuple[str, ...] | None = None
    match_sms: Texts = ()
    not_expect_sms: Texts = ()
    source: str | None = Field(default=None, alias="from")
    parts: Annotated[int, Field(ge=1)] | None = None
    within: str = "10 seconds"
    expect_no_sms: str | None = None

    @property
    def verb(self) -> str:
        """Which of `VERBS` this step is; a step that only checks is called after its check."""
        return next(verb for verb in (*VERBS, *_SMS_CHECKS) if self._says(verb))

    @property
    def says_sms(self) -> bool:
        """Whether the step is about SMS at all."""
        return self.text is not None or any(self._says(check) for check in _SMS_CHECKS)

    @property
    def expects_sms(self) -> bool:
        """Whether an SMS is to come."""
        return self.expect_sms is not None or bool(self.match_sms)

    def knowing(self, values: Values) -> "Step":
        """The same step, with what is known by name in its place in what is dialled, answered or texted."""
        said = {name: getattr(self, name) for name in _SAID}
        return self.model_copy(
            update={name: filled(value, values) for name, value in said.items() if value is not None}
        )

    def names(self) -> tuple[list[str], list[str]]:
        """The names that the step speaks of, and those that it keeps for later ones."""
        used, kept = [], [GIFT_CODE] if self.gift_code is not None else []
        for name in (*_SAID, *_EXPECTED):
            value = getattr(self, name)
            for text in [value] if isinstance(value, str) else value or ():
                here, kept_here = names(text)
                used += here
                kept += kept_here if name in _EXPECTED else []
        kept += [group for name in _MATCHED for text in getattr(self, name) for group in expression(text).groupindex]
        return used, kept

    def _says(self, name: str) -> bool:
        return getattr(self, name) not in {None, ()} if name in _MATCHED else getattr(self, name) is not None

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        verbs = [verb for verb in VERBS if getattr(self, verb) is not None]
        checks = [check for check in _SMS_CHECKS if self._says(check)]
        if len(verbs) > 1 or not verbs + checks:
            found = " and ".join(verbs) or "none"
            raise ValueError(f"a step is exactly one of {', '.join((*VERBS, *_SMS_CHECKS))}; here: {found}")
        if self.expects_sms and self.expect_no_sms is not None:
            raise ValueError("an SMS comes or does not: expect_sms and expect_no_sms are two steps")
        if self.hang_up is False:
            raise ValueError("write hang_up: true, or leave the step out")
        if (self.text is None) != (self.to is None):
            raise ValueError("a text needs a number, as in text: Баланс, to: 6111")
        return self

    @model_validator(mode="after")
    def _checks_fit(self) -> Self:
        named = {self.__class__.model_fields[name].alias or name for name in self.model_fields_set}
        of_screen = ", ".join(check for check in (*_SCREEN_CHECKS, "fails") if check in named)
        if of_screen and self.verb not in SHOW_SCREENS:
            hint = "; an SMS is checked by expect_sms" if self.says_sms else ""
            raise ValueError(f"{self.verb} shows no screen, so there is nothing to check by {of_screen}{hint}")
        if self.fails and any(check in named for check in _SCREEN_CHECKS):
            raise ValueError("where no screen comes there is nothing to check: fails stands alone")
        of_sms = ", ".join(check for check in _OF_SMS if check in named)
        if of_sms and not self.expects_sms:
            raise ValueError(f"{of_sms} is said of an SMS that comes: write expect_sms as well")
        return self

    @model_validator(mode="after")
    def _readable(self) -> Self:
        used, _ = self.names()
        if self.dial is not None:
            split_dialled(filled(self.dial, dict.fromkeys(used, EXAMPLE)))
        if self.network is not None:
            mishap(self.network)
        if self.store is not None:
            stores.read(self.store)
        if self.switch is not None and self.switch != IN_ORDER:
            staff.check_switches(self.switch)
        _behaviour(self.smsc, Orders)
        _behaviour(self.billing, billing.Faults)
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


def _behaviour(said: Behaviour | None, model: type[BaseModel]) -> None:
    """Raise `ValueError` for what the other side does not know how to do."""
    if isinstance(said, dict):
        try:
            model.model_validate(said)
        except ValidationError as error:
            first = error.errors()[0]
            known = ", ".join(model.model_fields)
            where = ".".join(map(str, first["loc"]))
            hint = f"; there are: {known}" if first["type"] == "extra_forbidden" else ""
            raise ValueError(f"{where}: {first['msg']}{hint}") from None


class _File(BaseModel):
    """What stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    about: str = ""
    dialect: DialectName | None = None
    phones: dict[str, Phone] = Field(default={"phone": Phone()}, min_length=1)
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
    phones: Mapping[str, Phone]
    steps: tuple[Step, ...]
    lines: tuple[int, ...]
    ignores_unread_sms: bool

    @property
    def plays_alone(self) -> bool:
        """Whether others would notice its play: it moves the clock, stops something, or lets the SMSC, the
        billing or a network fail."""
        return any(getattr(step, verb) is not None for step in self.steps for verb in ALONE)

    @property
    def says_sms(self) -> bool:
        """Whether it is about SMS at all; one that is not needs no SMSC."""
        return any(step.says_sms for step in self.steps)

    def phone_of(self, step: Step) -> str:
        """The phone that a step is about; a dialogue with one phone need not name it."""
        return step.phone or next(iter(self.phones))


def load(file: Path) -> Dialogue:
    """Read one dialogue file. Raises `DialogueFileError` with every fault and its line."""
    return _dialogue(read(file))


def load_text(text: str, file: Path) -> Dialogue:
    """Read a dialogue that stands in no file yet; `file` is what its faults call it. Raises as `load` does."""
    return _dialogue(read_text(text, file))


def _dialogue(tree: Tree) -> Dialogue:
    file = tree.file
    try:
        content = _File.model_validate(tree.value)
    except ValidationError as error:
        raise DialogueFileError(tuple(fault(tree, details) for details in error.errors())) from None
    lines = tuple(tree.line_of(("steps", index)) for index in range(len(content.steps)))
    ignores = content.unread_sms == "ignored"
    phones = {
        name: phone.model_copy(update={"dialect": phone.dialect or content.dialect})
        for name, phone in content.phones.items()
    }
    dialogue = Dialogue(file, content.title, phones, content.steps, lines, ignores)
    faults = (*_phone_faults(dialogue), *_name_faults(dialogue))
    if faults:
        raise DialogueFileError(faults)
    return dialogue


def _name_faults(dialogue: Dialogue) -> list[Fault]:
    """Steps that speak of a name that no step before them has kept."""
    faults = []
    known = set[str]()
    for step, line in zip(dialogue.steps, dialogue.lines, strict=True):
        used, kept = step.names()
        known |= {GIFT_CODE} if step.gift_code is not None else set()
        faults += [
            Fault(
                dialogue.file, line, f"nothing is known as {{{name}}} here: an earlier step keeps it by {{{name}:code}}"
            )
            for name in used
            if name not in known
        ]
        known |= set(kept)
    return faults


def _phone_faults(dialogue: Dialogue) -> list[Fault]:
    """Steps about a phone that is not there, or about none where there are several."""
    faults = []
    names = ", ".join(dialogue.phones)
    for step, line in zip(dialogue.steps, dialogue.lines, strict=True):
        if step.phone is not None and step.phone not in dialogue.phones:
            faults.append(Fault(dialogue.file, line, f"no such phone: {step.phone}; there are: {names}"))
        elif step.phone is None and len(dialogue.phones) > 1 and (step.verb not in OF_NOBODY or step.says_sms):
            faults.append(Fault(dialogue.file, line, f"say whose step this is: phone: one of {names}"))
    return faults
