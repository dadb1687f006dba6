"""Reads a file of stories, and says of each fault in it where it stands: file and line.

Beyond the form of each step it sees that deeds follow on one another as on a phone (nobody answers without a session),
that what is to be seen is described, and that every name is known by the time it is used. `stories/bolshe.yaml` shows
what such a file looks like.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from simulator.errors import DialogueFileError, Fault, PhraseError
from simulator.load.pattern import Pattern, pattern_of
from simulator.load.story import ENDS, Answers, Step, Stories, Story
from simulator.load.sums import NAME
from simulator.marked_yaml import Tree, fault, read
from simulator.patterns import names as names_in

DEFAULT = Path(__file__).with_name("stories") / "bolshe.yaml"
STORIES_MAX = 100
PATTERN_LENGTH_MAX = 2_000

Path_ = tuple[str | int, ...]
Written = Annotated[str, Field(min_length=1, max_length=PATTERN_LENGTH_MAX)]
Name = Annotated[str, Field(pattern=rf"^{NAME}$")]


def _or_none(value: object) -> object:
    """A key with nothing under it is an empty list."""
    return value or []


ListOfStories = Annotated[tuple[Story, ...], BeforeValidator(_or_none), Field(max_length=STORIES_MAX)]


class _File(BaseModel):
    """What stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    new_number: dict[Name, int] = {}
    answers_per_phone: Answers = Answers()
    screens: dict[str, Written] = {}
    sms: dict[str, Written] = {}
    dials: ListOfStories = ()
    texts: ListOfStories = ()


def load(file: Path) -> Stories:
    """Read one file of stories. Raises `DialogueFileError` with every fault and its line."""
    tree = read(file)
    try:
        content = _File.model_validate(tree.value)
    except ValidationError as error:
        raise DialogueFileError(tuple(fault(tree, details) for details in error.errors())) from None
    faults: list[Fault] = []
    screens = _compiled(tree, "screens", content.screens, faults)
    sms = _compiled(tree, "sms", content.sms, faults)
    stories = Stories(
        file, content.title, content.new_number, content.answers_per_phone, screens, sms, content.dials, content.texts
    )
    if not faults:
        faults += [Fault(file, tree.line_of(path), message) for path, message in _story_faults(stories)]
    if faults:
        raise DialogueFileError(tuple(faults))
    return stories


def _compiled(tree: Tree, key: str, written: dict[str, str], faults: list[Fault]) -> dict[str, Pattern]:
    patterns = {}
    for name, text in written.items():
        try:
            patterns[name] = pattern_of(name, text)
        except PhraseError as error:
            faults.append(Fault(tree.file, tree.line_of((key, name)), str(error)))
    return patterns


def _story_faults(stories: Stories) -> Iterator[tuple[Path_, str]]:
    """What is wrong with the stories beyond the form of their steps."""
    lists = (("dials", "dial", stories.dials), ("texts", "text", stories.texts))
    if not stories.dials and not stories.texts:
        yield (), "there is no story: write one under dials or texts"
    for key, verb, told in lists:
        for place, story in enumerate(told):
            if not any(getattr(step, verb) is not None for step in story.steps):
                yield (key, place), f"a story under {key} has a step that is {verb}"
            for index, message in _step_faults(story, stories):
                yield (key, place, "steps", index), message
    names = [story.story for story in (*stories.dials, *stories.texts)]
    for key, _, told in lists:
        for place, story in enumerate(told):
            if names.count(story.story) > 1:
                yield (key, place), f"two stories are called {story.story}: the report tells them apart by name"


def _step_faults(story: Story, stories: Stories) -> Iterator[tuple[int, str]]:
    """Steps that cannot follow on those before them."""
    in_session = False
    known = set(stories.new_number)
    for index, step in enumerate(story.steps):
        if step.verb == "dial" and in_session:
            yield index, "a session is open: hang_up: true before dialling again"
        if step.verb in {"answer", *ENDS} and not in_session:
            yield index, f"no session is open to {step.verb.replace('_', ' ')}: dial first"
        in_session = (in_session and step.verb not in ENDS) or step.verb == "dial"
        in_session = in_session and not step.ends
        for message in _unknown(step, stories, known):
            yield index, message


def _unknown(step: Step, stories: Stories, known: set[str]) -> Iterator[str]:
    """What a step speaks of and nobody has said; `known` grows by what it makes known."""
    for said in filter(None, (step.answer, step.text)):
        yield from _unknown_names(frozenset(names_in(said)[0]), known)
    for name, known_as in step.knowing.items():
        yield from _unknown_names(known_as.names, known)
        known.add(name)
    for kind, seen, patterns in (("screen", step.see, stories.screens), ("sms", step.see_sms, stories.sms)):
        if seen is not None and seen not in patterns:
            yield f"no such {kind}: {seen}; there are: {', '.join(patterns) or 'none'}"
        elif seen is not None:
            known |= patterns[seen].names
    for known_as in step.then.values():
        yield from _unknown_names(known_as.names, known)
    known |= step.then.keys()


def _unknown_names(names: frozenset[str], known: set[str]) -> Iterator[str]:
    for name in sorted(names - known):
        yield f"nobody has said what {name} is; known here: {', '.join(sorted(known)) or 'nothing'}"
