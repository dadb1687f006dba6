"""Two gateways on one database and one SMSC: every text is answered once, in order, by whichever of them."""

import asyncio
from contextlib import AsyncExitStack
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

PER_S = 100.0
LASTS_S = 15.0 if LONG else 3.0
WINDOW = 5
ANSWER_DELAY_S = 0.08
"""Sixty a second at most over each link: answers wait, and either gateway takes them."""
WITH_HISTORY = 40
ANSWERED_MAX_S = 60.0


async def test_two_gateways_answer_every_text_once(ground: Ground, tmp_path: Path, pack: Pack) -> None:
    url, link = ground.urls["GATEWAY_DATABASE_URL"], new_link("pair")
    async with AsyncExitStack() as stack:
        smsc = await stack.enter_async_context(Smsc(tmp_path))
        await smsc.faults(answer_delay_s=ANSWER_DELAY_S)
        for _ in range(2):
            gateway = stack.enter_context(Gateway(tmp_path, ground.settings))
            gateway.start(GATEWAY_SMPP=smsc.link(link, window=WINDOW))

        async def both_bound() -> bool:
            return [one["state"] for one in (await smsc.state())["sessions"]] == ["bound_trx"] * 2

        await until(both_bound, "both gateways are bound")
        load = Texting(smsc, 0, PER_S, await with_history(url, pack, WITH_HISTORY))
        running = asyncio.create_task(load.run())
        await asyncio.sleep(LASTS_S)  # as long as the load is tried
        load.stopped = True
        await running
        await assert_answered_once_and_in_order(load, url, link, doubts_max=0, within_s=ANSWERED_MAX_S)
        submits = [pdu["session"] for pdu in await smsc.pdus() if pdu["pdu"] == "SubmitSm"]
    assert len(set(submits)) == 2, "one gateway did all the work"
