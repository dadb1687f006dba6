"""PostgreSQL dies, and then hangs, under a load of texts: each is refused in time, politely, until it is taken; in the
end all are answered, once and in order. A link that has no patience leaves while the store is away, and comes back."""

import asyncio
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from gateway.pack import Pack
from gateway.smpp.pdu.status import Status
from tests.crash.books import LEFT, assert_answered_once_and_in_order, wire
from tests.crash.texts import Texting, new_link, with_history
from tests.live.processes import Gateway, Ground, frozen
from tests.live.smsc import Smsc
from tests.live.waiting import until

pytestmark = pytest.mark.anyio

FROZEN_S = 10.0
UNDER_LOAD_S = 1.0
PER_S = 20.0
WINDOW = 10
WITH_HISTORY = 8
ANSWER_DELAY_S = 0.3
"""Of the SMSC: answers to us come while the store is away, and are written down when it is back."""
IMPATIENT_S = 2
ANSWER_MAX_S = 4.5
"""SMSCs give up after five."""
LEASED = {"window": WINDOW, "response_s": 1}
"""A message stays its sender's for 7 s, less than the store is away; but its sender lives and has the answer."""
RECOVERS_MAX_S = 60.0


async def test_texts_outlive_their_store(ground: Ground, gateway: Gateway, tmp_path: Path, pack: Pack) -> None:
    url = ground.urls["GATEWAY_DATABASE_URL"]
    patient, impatient = new_link("patient"), new_link("impatient")
    async with Smsc(tmp_path) as smsc:
        await smsc.faults(answer_delay_s=ANSWER_DELAY_S)
        gateway.start(
            GATEWAY_SMPP=f"{smsc.link(patient, **LEASED)},"
            f"{smsc.link(impatient, receive_pause_after_s=IMPATIENT_S, **LEASED)}"
        )
        links = (patient, impatient)
        loads = [Texting(smsc, 0, PER_S, await with_history(url, pack, WITH_HISTORY), link) for link in links]
        for link in links:
            await until(partial(smsc.bound, link), "both links are bound")
        running = asyncio.gather(*(load.run() for load in loads))
        await asyncio.sleep(UNDER_LOAD_S)  # the outages come into the middle of work
        died = ground.pid("postgres")
        os.kill(died, signal.SIGKILL)
        await until(partial(started_again, ground, died), "the keeper starts it again")
        await until(partial(taken_again, loads[0], loads[0].texts), "texts are taken again")
        with frozen(ground.pid("postgres")):
            await asyncio.gather(asyncio.sleep(FROZEN_S), until(partial(left, smsc, impatient), "one has left"))
            assert await smsc.bound(patient), "its patience was not used up"
        await until(partial(smsc.bound, impatient), "it has come back")
        for load in loads:
            load.stopped = True
        await running
        for load, link in zip(loads, links, strict=True):
            await assert_answered_once_and_in_order(load, url, link, doubts_max=2 * WINDOW, within_s=RECOVERS_MAX_S)
        seen = wire(await smsc.pdus())
    assert [part for part, ids in seen.copies.items() if len(ids) > 1] == [], "sent twice for nothing"
    late = [answer for answer in seen.answers if answer.status is None or answer.after_s > ANSWER_MAX_S]
    assert late == [], "not answered, or too late"
    assert {answer.status for answer in seen.answers} - {LEFT} == {Status.ROK, Status.RX_T_APPN}


async def started_again(ground: Ground, died: int) -> bool:
    return ground.pid("postgres") != died


async def taken_again(load: Texting, texts: int) -> bool:
    return load.texts > texts


async def left(smsc: Smsc, link: str) -> bool:
    return not await smsc.bound(link)
