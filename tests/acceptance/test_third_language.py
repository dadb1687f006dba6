"""A gateway whose pack learnt a language from files alone: it is dialled and texted in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import packs
from simulator.billing_desk import BillingDesk
from simulator.deployment import Access, Deployment
from simulator.dialects import DEFAULT, dialect
from simulator.dialogue import load
from simulator.network import Network
from simulator.play import play
from simulator.world import World
from tests.integration.smsc.peers import Smsc
from tests.live.processes import Gateway
from tests.unit.uzbek import DIALOGUE, learnt


@pytest.fixture
def world(tmp_path: Path, billing: str) -> Iterator[World]:
    """A gateway of its own, bound to an SMSC of its own."""
    learnt(packs.locate("bolshe"), tmp_path / "pack")
    (tmp_path / "smsc").mkdir()
    with Smsc(tmp_path / "smsc") as smsc:
        settings = {
            "GATEWAY_DATA_DIR": str(tmp_path / "var"),
            "GATEWAY_PACK": str(tmp_path / "pack"),
            "GATEWAY_SMPP": f"smpp://demo:demo@127.0.0.1:{smsc.port}?smsc=simulator",
        }
        with (
            Gateway(tmp_path, settings) as process,
            Deployment(Access(process.url)) as deployment,
            Network(f"http://127.0.0.1:{smsc.control_port}") as network,
            BillingDesk(billing) as desk,
        ):
            process.start()
            process.until_ready()
            yield World(deployment, network, desk)


def test_it_is_spoken_on_screens_and_by_sms(world: World) -> None:
    result = play(load(DIALOGUE), world, dialect(DEFAULT))
    assert result.passed, result.failure
