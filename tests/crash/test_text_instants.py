"""A gateway is killed at random instants under a load of texts: none is forgotten, and only what a window held is sent
twice."""

import asyncio
import random
from pathlib import Path

import pytest

from gateway.pack import Pack
from tests.conftest import LONG
from tests.crash.books import assert_answered_once_and_in_order
from tests.crash.texts import Texting, new_link, with_history
from tests.live.processes import Gateway, Ground
from tests.live.smsc import Smsc
from tests.live.waiting import until

pytestmark = pytest.mark.anyio

INSTANTS = 50 if LONG else 5
"""Deaths of one run."""
RUN = 5
"""Deaths over one SMSC, which remembers so much of the wire and no more."""
PER_S = 100.0
WINDOW = 20
LIVES_MAX_S = 0.8
"""How long a link is bound before the next death; a gateway answers what waited in it, and does not come to rest."""
WITH_HISTORY = 150
ANSWER_DELAY_S = 0.05
RECOVERS_MAX_S = 60.0


@pytest.mark.parametrize("seed", range(INSTANTS // RUN))
async def test_a_death_under_load_loses_no_text(
    seed: int, ground: Ground, gateway: Gateway, tmp_path: Path, pack: Pack
) -> None:
    draw = random.Random(seed)
    database_url, link = ground.urls["GATEWAY_DATABASE_URL"], new_link("instants")
    async with Smsc(tmp_path) as smsc:
        await smsc.faults(answer_delay_s=ANSWER_DELAY_S)
        url = smsc.link(link, window=WINDOW, response_s=1)
        gateway.start(GATEWAY_SMPP=url)
        load = Texting(smsc, seed, PER_S, await with_history(database_url, pack, WITH_HISTORY))
        running = asyncio.create_task(load.run())
        for _ in range(RUN):
            await until(lambda: smsc.bound(link), "the link is bound")
            await asyncio.sleep(draw.uniform(0, LIVES_MAX_S))  # the instant itself is what is tried
            gateway.kill()
            gateway.start(GATEWAY_SMPP=url)
        load.stopped = True
        await running
        doubts = await assert_answered_once_and_in_order(
            load, database_url, link, doubts_max=RUN * WINDOW, within_s=RECOVERS_MAX_S
        )
    assert doubts, "nothing was on the wire at any death: it proves nothing"
