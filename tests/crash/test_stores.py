"""A server dies or stops answering under load: every hop is answered in time, politely, and the service returns by
itself, with every event counted once."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from gateway.pack import Pack
from gateway.ussd.dialects.africastalking import PROFILE
from tests.crash.load import KEYS, Load, assert_nothing_lost_or_doubled
from tests.live.network import Event, Network, new_number, new_session, walk
from tests.live.processes import Gateway, Ground

pytestmark = pytest.mark.anyio

STOPPED_S = float(os.environ.get('STOPPED_S','3'))
"""Longer than any timeout of one round trip to Valkey, and shorter than the answer deadline."""
UNDER_LOAD_S = 0.3
RETURNS_MAX_S = 10.0


@pytest.fixture(scope="module")
def serving(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for all outages: it is never started again."""
    with Gateway(tmp_path_factory.mktemp("serving"), ground.settings) as gateway:
        gateway.start()
        yield gateway


@pytest.fixture
async def network(serving: Gateway) -> AsyncIterator[Network]:
    async with Network(serving.url) as network:
        await network.until_ready()
        yield network


async def killed(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


async def stopped(pid: int) -> None:
    """As when the machine hangs: neither the server nor any process it made says a word."""
    family = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    for member in family:
        os.kill(member, signal.SIGSTOP)
    try:
        await asyncio.sleep(STOPPED_S)  # the outage itself
    finally:
        for member in family:
            os.kill(member, signal.SIGCONT)


OUTAGES = [
    pytest.param(server, outage, id=f"{server}-{outage.__name__}")
    for server in ("postgres", "valkey")
    for outage in (killed, stopped)
]


@pytest.mark.parametrize(("server", "outage"), OUTAGES)
async def test_the_service_returns_by_itself_and_is_polite_meanwhile(
    server: str, outage: Callable[[int], Awaitable[None]], ground: Ground, network: Network, pack: Pack
) -> None:
    screens = await walk(network, new_number(), new_session(), KEYS)
    sorry = [f"END {pack.menu.message('unavailable', language)}" for language in pack.menu.languages]
    load = Load(network, random.getrandbits(32))
    running = asyncio.create_task(load.run())
    await asyncio.sleep(UNDER_LOAD_S)
    await outage(ground.pid(server))
    async with asyncio.timeout(RETURNS_MAX_S):
        await network.until_ready()
        assert await walk(network, new_number(), new_session(), KEYS) == screens
    load.stopped = True
    await running

    import collections
    print(collections.Counter((a.status, a.screen.split("\n")[0]) for a in load.answers), sorted(a.seconds for a in load.answers)[-5:])
    for session in load.sessions:
        shown = [answer.screen for answer in session]
        assert shown in (screens, [*screens[:len(shown)-1], sorry[0]], [*screens[:len(shown)-1], sorry[1]])
    assert {answer.status for answer in load.answers} == {200}
    await assert_nothing_lost_or_doubled(load, ground.urls["GATEWAY_DATABASE_URL"], pack)
