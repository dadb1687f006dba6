"""`gateway keys`: versions are drawn, rotated while gateways serve, and listed."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.live.network import Event, Network, new_number, new_session
from tests.live.processes import Gateway

pytestmark = pytest.mark.anyio

Command = Callable[..., "subprocess.CompletedProcess[str]"]


ANNA = new_number()


def words(done: "subprocess.CompletedProcess[str]") -> str:
    return " ".join((done.stdout + done.stderr).split())


async def seen(gateway: Gateway) -> str:
    """What anna dials up, who was given points once."""
    async with Network(gateway.url) as network:
        await network.event(Event("once", "top_up", ANNA, 100_000))
        return (await network.screen(ANNA, new_session(), "")).splitlines()[0]


async def test_keys_rotate_under_a_service_that_runs(
    gateway: Command, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """As docs/deploy.md says it: draw, give to every gateway, rotate, take the old ones out."""
    old = {"database_url": database_url, "number_keys": NUMBER_KEYS, "code_key": CODE_KEY}
    drawn = gateway("keys", "new", "numbers", **old)
    assert "GATEWAY_NUMBER_KEYS of every gateway" in words(drawn)
    both = old | {"number_keys": f"{NUMBER_KEYS},{drawn.stdout.strip()}"}
    new = old | {"number_keys": drawn.stdout.strip()}

    with Gateway(tmp_path, {"GATEWAY_REDIS_URL": redis_url}) as served:
        start(served, old)
        before = await seen(served)
        early = gateway("keys", "rotate", **both)
        assert early.returncode != 0
        assert "not every gateway holds version 2 of the key of numbers: gateway holds n1 c1" in words(early)
        assert await seen(served) == before

        start(served, both)
        done = gateway("keys", "rotate", **both)
        assert "in force now: numbers 2" in words(done), words(done)
        assert "numbers 1 is no longer needed" in words(done)
        assert await seen(served) == before
        start(served, new)
        assert await seen(served) == before
    assert re.search(r"numbers 2 in force \d+ codes 1 in force 0$", words(gateway("keys", "list", **new)))


def start(gateway: Gateway, settings: Mapping[str, str]) -> None:
    """Start it again, with these settings."""
    gateway.close()
    gateway.start(**{f"GATEWAY_{name.upper()}": value for name, value in settings.items()})
    gateway.until_ready()
