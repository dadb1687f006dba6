"""A gateway is killed at random instants under load: no event is lost or counted twice, no session loses its way."""

import asyncio
import random

import pytest

from gateway.pack import Pack
from tests.conftest import LONG
from tests.crash.load import KEYS, Load, assert_nothing_lost_or_doubled
from tests.live.network import Network, new_number, new_session, walk
from tests.live.processes import Gateway, Ground

pytestmark = pytest.mark.anyio

INSTANTS = 5
"""Deaths of one run."""
SEEDS = range(10) if LONG else range(1)
LIVES_MAX_S = 0.8
"""The load of one life; a gateway does some hundreds of requests in it."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_death_under_load_is_healed_by_sending_again(
    seed: int, ground: Ground, gateway: Gateway, pack: Pack
) -> None:
    draw = random.Random(seed)
    gateway.start()
    async with Network(gateway.url) as network:
        screens = await walk(network, new_number(), new_session(), KEYS)
        assert screens[-1] == screens[0], "a session must leave the next one its language"
        load = Load(network, seed)
        running = asyncio.create_task(load.run())
        for _ in range(INSTANTS):
            await network.until_ready()
            await asyncio.sleep(draw.uniform(0, LIVES_MAX_S))  # the instant itself is what is tried
            gateway.kill()
            gateway.start()
        load.stopped = True
        await running
    assert [session for session in load.sessions if [answer.screen for answer in session] != screens] == []
    assert len(load.events) > INSTANTS
    await assert_nothing_lost_or_doubled(load, ground.urls["GATEWAY_DATABASE_URL"], pack)
