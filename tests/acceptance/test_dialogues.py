"""Every dialogue of simulator/dialogues, played in every dialect against a real gateway with real stores, over real
HTTP and SMPP."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.ussd.message import HopIdentity
from simulator.coverage import Covering
from simulator.deployment import Deployment
from simulator.dialects import DEFAULT, dialect, names
from simulator.dialects.africastalking import AfricasTalking
from simulator.dialogue import Dialogue, load
from simulator.handset import Handset
from simulator.over_smpp import PREFIX
from simulator.play import play
from simulator.plays import play_all
from simulator.world import World
from tests.conftest import LONG

DIALOGUES = sorted((Path(__file__).parents[2] / "simulator" / "dialogues").glob("*.yaml"))
OTHERS = [name for name in names() if name != DEFAULT]
REPRESENTATIVES = {"hubtel", "nalo", "smpp_msisdn", "smpp_standard", "smpp_tata", "wigal"}
"""One dialect at least of each identity of hops, over HTTP and over SMPP; of those without, the one whose screens are
the shortest. In the short profile the others do not play what must be played alone: that is time and trouble for all,
and asks no dialect anything that its kin was not asked."""
NOT_DIALLED = {
    "quote.on.unknown": "a reward that left the programme while its shelf was read: no dialogue changes a pack",
    "exchange.on.no_quote": "a price holds for ten minutes, and a session ends after three",
    "redeem.on.paused": "takes a hundred wrong codes of many numbers: codes are paused for everybody then",
    "expiring.on.blocked": "nothing is pushed to a blocked number, unless it is blocked in the moment between",
}
"""The ways of the menu that no dialogue can take, and why."""
JOBS = 3
"""A dialogue mostly waits: for an SMS, or to see that none comes."""


@pytest.fixture(scope="module")
def covering(world: World) -> Covering:
    """What was visited of the menu since the first dialogue."""
    return Covering(world.deployment)


@pytest.fixture(scope="module")
def played() -> set[Path]:
    """The dialogues that were played so far."""
    return set()


@pytest.mark.parametrize("file", DIALOGUES, ids=[file.stem for file in DIALOGUES])
def test_dialogue(file: Path, world: World, covering: Covering, played: set[Path]) -> None:
    played.add(file)
    result = play(load(file), world, dialect(DEFAULT))
    assert result.passed, result.failure
    assert result.screens + result.texts, "a dialogue that sees no screen and no SMS shows nothing"


def test_dialogues_visit_every_screen_and_way(world: World, covering: Covering, played: set[Path]) -> None:
    left = [load(file) for file in DIALOGUES if file not in played]
    assert [result.failure for result in play_all(left, world, dialect(DEFAULT), JOBS) if not result.passed] == []
    coverage = covering.coverage()
    missed = {
        way.way: f"line {way.line}: {way.told} → {way.target}"
        for way in coverage.chart.ways
        if not coverage.taken[way.way]
    }
    assert missed.keys() == NOT_DIALLED.keys(), "\n".join(
        ["write dialogues that go there, or say in NOT_DIALLED why none can:", *missed.values()]
    )


@pytest.mark.parametrize("name", OTHERS)
def test_every_dialogue_in_another_dialect(name: str, world: World) -> None:
    whole = LONG or name in REPRESENTATIVES
    dialogues = [each for each in map(load, DIALOGUES) if _is_for_all(each) and (whole or not each.plays_alone)]
    results = list(play_all(dialogues, world, dialect(name), JOBS))
    assert [result.failure for result in results if not result.passed] == []
    assert len(results) == len(dialogues)


def test_each_identity_of_hops_is_represented() -> None:
    def kinds(of: Iterable[str]) -> set[tuple[bool, HopIdentity]]:
        return {(name.startswith(PREFIX), dialect(name).profile.hop_identity) for name in of}

    assert kinds({DEFAULT, *REPRESENTATIVES}) == kinds(names())


def _is_for_all(dialogue: Dialogue) -> bool:
    """Not one that dials nothing, or names its own dialect."""
    speaks_its_own = any(phone.dialect is not None for phone in dialogue.phones.values())
    return not speaks_its_own and any(step.verb == "dial" for step in dialogue.steps)


@pytest.mark.parametrize("arguments_in_text", [True, False], ids=["in the first text", "in the service code"])
def test_dialled_arguments_arrive_either_way(gateway: Deployment, arguments_in_text: bool) -> None:
    handset = Handset("+79210000003", AfricasTalking(arguments_in_text=arguments_in_text), gateway.send)
    assert "подарочных единиц" in handset.dial("*123*1#").text
    assert "У вас" in handset.answer("0").text
    handset.hang_up()
