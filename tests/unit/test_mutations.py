"""What the check proves, as a list: each kind of fault is made in every shipped pack, wherever it can be, and must be
found by its name, at its line and its key. One that is not found is a fault of the check.

`make test` takes a seeded sample of the places, `LONG=1` all of them.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import packs
from gateway.check import check_pack
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import dotted
from tests.unit.mutations.asking import ASKING
from tests.unit.mutations.conditions import CONDITIONS
from tests.unit.mutations.draft import PROGRAMME, PUBLISHED, SMS, USSD, Break, Draft, drafts, write
from tests.unit.mutations.files import FILES
from tests.unit.mutations.screens import SCREENS
from tests.unit.mutations.texting import TEXTING

SAMPLE = None if os.environ.get("LONG") == "1" else 2
"""How many places of each kind are broken, for each pack."""

BREAKS: dict[str, tuple[Kind, Callable[[Draft], Iterator[Break]]]] = {
    **FILES,
    **SCREENS,
    **ASKING,
    **CONDITIONS,
    **TEXTING,
}
DRAFTS = drafts()


def places(draft: Draft, label: str) -> list[Break]:
    """The places to break: all, or some that are the same in every run."""
    every = list(BREAKS[label][1](draft))
    return every if SAMPLE is None or len(every) <= SAMPLE else random.Random(label).sample(every, SAMPLE)


def test_every_kind_of_fault_is_on_the_list() -> None:
    proved = {kind for kind, _ in BREAKS.values()}
    assert set(Kind) - proved == set(), "break the packs in this way too"


@pytest.mark.parametrize("label", BREAKS)
def test_every_break_can_be_made_in_some_pack(label: str) -> None:
    assert any(places(draft, label) for draft in DRAFTS), "a break that is never made proves nothing"


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.name)
def test_a_pack_that_is_written_out_has_nothing_to_find(draft: Draft, tmp_path: Path) -> None:
    write(draft, None, tmp_path)
    assert list(map(str, check_pack(packs.locate(str(tmp_path))).findings)) == []


@pytest.mark.parametrize("label", BREAKS)
@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.name)
def test_the_check_finds(draft: Draft, label: str, tmp_path: Path) -> None:
    kind = BREAKS[label][0]
    for place, broken in enumerate(places(draft, label)):
        folder = tmp_path / str(place)
        folder.mkdir()
        line = write(needed(draft, broken), broken, folder)
        findings = check_pack(packs.locate(str(folder))).findings
        found = [(each.kind, each.key, each.line) for each in findings if Path(each.file) == folder / broken.file]
        assert (kind, dotted(broken.keys), line) in found, "\n".join(map(str, findings)) or "nothing was found"
        assert all(each.message and each.advice for each in findings), "each finding says what to write"


def needed(draft: Draft, broken: Break) -> Draft:
    """The files that a break concerns: a pack without keywords is one too, and sooner checked."""
    if broken.file in {USSD, PUBLISHED, PROGRAMME}:
        return Draft(draft.name, {name: each for name, each in draft.files.items() if name != SMS}, {}, draft.specs)
    return draft
