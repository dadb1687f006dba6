"""A gateway is killed at each named instant of a text's way; whoever comes next answers what was acknowledged.

Each point has a link of its own to one SMSC, over a window of one, so that answers wait for each other. The gateway
that is started again has all the links.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.pack import Pack
from tests.conftest import LONG
from tests.crash.books import assert_answered_once_and_in_order
from tests.crash.texts import REACHED, Texting, new_link, with_history
from tests.live.network import Network
from tests.live.processes import Gateway, Ground
from tests.live.smsc import Smsc

pytestmark = pytest.mark.anyio

PHONES = 3
AT_ONCE_PER_S = 1000.0
ANSWER_DELAY_S = 0.02
"""Of the SMSC: meanwhile the window is full, and the next answer waits in the outbox."""
RECOVERS_MAX_S = 60.0
"""A lease of seven seconds, and a second try."""


@pytest.mark.parametrize("number", range(1, max(REACHED.values()) + 1) if LONG else (2,))
async def test_a_death_at_any_point_loses_no_text_and_repeats_no_answer(
    number: int, ground: Ground, tmp_path: Path, pack: Pack, subtests: pytest.Subtests
) -> None:
    database_url = ground.urls["GATEWAY_DATABASE_URL"]
    points = [point for point, times in REACHED.items() if number <= times]
    async with AsyncExitStack() as stack:
        smsc = await stack.enter_async_context(Smsc(tmp_path))
        await smsc.faults(answer_delay_s=ANSWER_DELAY_S)
        links = [new_link(point.replace("_", "")[-9:]) for point in points]
        urls = [smsc.link(link, window=1, response_s=1) for link in links]
        dying = [stack.enter_context(Gateway(tmp_path, ground.settings)) for _ in points]
        for gateway, point, url in zip(dying, points, urls, strict=True):
            gateway.start(GATEWAY_CRASH_AT=f"{point}:{number}", GATEWAY_SMPP=url)
        loads = [
            Texting(smsc, number, AT_ONCE_PER_S, await with_history(database_url, pack, PHONES), link, PHONES)
            for link in links
        ]
        texting = asyncio.gather(*(load.run() for load in loads))
        killed = await asyncio.gather(*(asyncio.to_thread(gateway.wait_killed) for gateway in dying))
        started_again = stack.enter_context(Gateway(tmp_path, ground.settings))
        started_again.start(GATEWAY_SMPP=",".join(urls))
        async with Network(started_again.url) as network:
            await network.until_ready()
        await texting
        for load, link, point, died in zip(loads, links, points, killed, strict=True):
            with subtests.test(f"{point}:{number}"):
                assert died, "the texts never came to this point"
                await assert_answered_once_and_in_order(load, database_url, link, doubts_max=1, within_s=RECOVERS_MAX_S)
