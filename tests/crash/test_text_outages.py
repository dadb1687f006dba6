"""SMSCs go away, fall silent or throttle, each its own way and all at once, under one gateway: every text is answered,
in its order, and only what a window held is sent twice. An SMSC that is well notices nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

from gateway.pack import Pack
from tests.conftest import LONG
from tests.crash.books import Row, assert_answered_once_and_in_order, outbox, wire
from tests.crash.texts import Texting, new_link, with_history
from tests.live.processes import Gateway, Ground
from tests.live.smsc import Smsc
from tests.live.waiting import until

pytestmark = pytest.mark.anyio

OUTAGE_S = 60.0 if LONG else 5.0
UNDER_LOAD_S = 1.0
PER_S = 15.0
WINDOW = 10
WITH_HISTORY = 8
ANSWER_DELAY_S = 0.3
"""Of every SMSC: submits are on the wire when the outage comes."""
NEVER_S = 3600.0
RESPONSE_S = {"killed": 600.0}
"""Where an answer that does not come is no fault: its SMSC dies before. Elsewhere `ANSWERED_WITHIN_S`, which is shorter
than an outage, and ten times an answer's delay: a machine with other work is no SMSC that fell silent."""
ANSWERED_WITHIN_S = 3
RECOVERS_MAX_S = 120.0 if LONG else 60.0
"""A link rests up to 30 s between two tries, a throttled message up to a minute."""
THROTTLE_PER_S = 5
SYSTEM_ERROR = 0x08


async def gone(smsc: Smsc) -> None:
    """The line drops, and whoever binds is refused."""
    await smsc.faults(disconnect=True, bind_status=SYSTEM_ERROR)
    await asyncio.sleep(OUTAGE_S)  # the outage itself
    await smsc.faults(bind_status=0)


async def silent(smsc: Smsc) -> None:
    """Everything is read and nothing is said."""
    await smsc.faults(silence=True)
    await asyncio.sleep(OUTAGE_S)  # the outage itself
    await smsc.faults(silence=False)


async def throttling(smsc: Smsc) -> None:
    """A third of what comes is taken."""
    await smsc.faults(throttle_per_s=THROTTLE_PER_S)
    await asyncio.sleep(OUTAGE_S)  # the outage itself
    await smsc.faults(throttle_per_s=0)


async def well(_: Smsc) -> None:
    """Nothing happens."""
    await asyncio.sleep(OUTAGE_S)  # while the others are away


DOUBTS_MAX = {gone: WINDOW, silent: WINDOW, throttling: 0, well: 0}


async def disturbed(outage: Callable[[Smsc], Awaitable[None]], smsc: Smsc, link: str, url: str, pack: Pack) -> None:
    """One SMSC under load, its outage in the middle of it, and what is true in the end."""
    load = Texting(smsc, 0, PER_S, await with_history(url, pack, WITH_HISTORY))
    running = asyncio.create_task(load.run())
    await asyncio.sleep(UNDER_LOAD_S)  # the outage comes into the middle of work
    await outage(smsc)
    load.stopped = True
    await running
    await assert_answered_once_and_in_order(
        load, url, link, doubts_max=DOUBTS_MAX[outage], within_s=RECOVERS_MAX_S, cut=outage is gone
    )


async def killed(smsc: Smsc, link: str, url: str, pack: Pack) -> None:
    """An SMSC dies with what it knew. What it answered before is not sent to its next life, and all else is, once."""
    load = Texting(smsc, 0, 1000.0, await with_history(url, pack, WITH_HISTORY), phones_max=2 * WITH_HISTORY)
    await load.run()
    await until(partial(some_answered, url, link), "the SMSC answers")
    await smsc.faults(answer_delay_s=NEVER_S)
    late = Texting(smsc, 1, 1000.0, phones_max=2)
    await late.run()
    smsc.kill()
    await until(partial(nothing_on_the_wire, url, link), "what was on the wire is in doubt")
    before = await outbox(url, link)
    assert any(not row.ids for row in before), "it died when nothing waited"
    assert sum(row.doubts for row in before) <= WINDOW
    await asyncio.sleep(OUTAGE_S)  # the outage itself
    smsc.start()
    await until(partial(all_sent, url, link), "everything is sent", RECOVERS_MAX_S)
    after = await outbox(url, link)
    copies = wire(await smsc.pdus()).copies
    assert [part for part, ids in copies.items() if len(ids) > 1] == [], "sent twice to the same SMSC"
    answered = [new_ids(*rows) for rows in zip(before, after, strict=True)]
    assert sorted(chain(*copies.values())) == sorted(chain(*answered)), "our books know other messages than the SMSC"
    for texting in (load, late):
        await texting.look()
        phones = texting.phones.values()
        assert [phone for phone in phones if phone.answers != phone.texted[-len(phone.heard) or 4 :]] == []
    assert [phone for phone in late.phones.values() if phone.answers != phone.texted] == []


def new_ids(before: Row, after: Row) -> Sequence[str]:
    """The ids of the parts that were answered since."""
    assert list(after.ids[: len(before.ids)]) == list(before.ids), "a part that was answered was sent again"
    return after.ids[len(before.ids) :]


async def some_answered(url: str, link: str) -> bool:
    return any(row.ids for row in await outbox(url, link))


async def nothing_on_the_wire(url: str, link: str) -> bool:
    return all(row.state != "sending" for row in await outbox(url, link))


async def all_sent(url: str, link: str) -> bool:
    return all(row.state in {"sent", "delivered"} for row in await outbox(url, link))


async def test_texts_outlive_their_smscs(
    ground: Ground, gateway: Gateway, tmp_path: Path, pack: Pack, subtests: pytest.Subtests
) -> None:
    url = ground.urls["GATEWAY_DATABASE_URL"]
    trials = {outage.__name__: partial(disturbed, outage) for outage in DOUBTS_MAX} | {killed.__name__: killed}
    async with AsyncExitStack() as stack:
        smscs = [await stack.enter_async_context(Smsc(tmp_path)) for _ in trials]
        for smsc in smscs:
            await smsc.faults(answer_delay_s=ANSWER_DELAY_S)
        links = [new_link(name) for name in trials]
        pairs = list(zip(smscs, links, strict=True))
        gateway.start(
            GATEWAY_SMPP=",".join(
                smsc.link(link, window=WINDOW, response_s=RESPONSE_S.get(name, ANSWERED_WITHIN_S), bind_s=1)
                for name, (smsc, link) in zip(trials, pairs, strict=True)
            )
        )
        for smsc, link in pairs:
            await until(partial(smsc.bound, link), "every link is bound")
        ends = await asyncio.gather(
            *(trial(smsc, link, url, pack) for (smsc, link), trial in zip(pairs, trials.values(), strict=True)),
            return_exceptions=True,
        )
        for name, end in zip(trials, ends, strict=True):
            with subtests.test(name):
                if end is not None:
                    raise end
