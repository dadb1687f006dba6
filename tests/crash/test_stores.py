"""A server dies or stops answering under load: every hop is answered in time, politely, and the service returns by
itself, with every event counted once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence

import pytest

from gateway.pack import Pack
from gateway.ussd.dialects.africastalking import PROFILE
from tests.crash.load import KEYS, Load, assert_nothing_lost_or_doubled
from tests.live.network import Answer, Network, new_number, new_session, walk
from tests.live.processes import Gateway, Ground, frozen

pytestmark = pytest.mark.anyio

STOPPED_S = 4.0
"""Longer than any timeout of one answer from a server, so that connections are given up."""
UNDER_LOAD_S = 0.3
RETURNS_MAX_S = 60.0
"""It bounds a hang: PostgreSQL that was killed reads its log again, and other tests use the same disk meanwhile."""


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
    with frozen(pid):
        await asyncio.sleep(STOPPED_S)  # the outage itself


OUTAGES = [
    pytest.param(server, outage, id=f"{server}-{outage.__name__}")
    for server in ("postgres", "valkey")
    for outage in (killed, stopped)
]


async def undisturbed(network: Network) -> tuple[list[str], list[str]]:
    """What the load's sessions show to a member who speaks Russian, and to one who speaks English."""
    in_english = new_number()
    await walk(network, in_english, new_session(), ["3"])
    return await walk(network, new_number(), new_session(), KEYS), await walk(network, in_english, new_session(), KEYS)


def faults(load: Load, right: Sequence[list[str]], sorry: Collection[str]) -> list[list[Answer]]:
    """Sessions that showed anything but the right screens up to a polite end, or showed it too late."""

    def is_right(session: list[Answer]) -> bool:
        shown = [answer.screen for answer in session if answer.screen not in sorry]
        polite = all(answer.status == 200 and answer.seconds <= PROFILE.answer_s for answer in session)
        return polite and any(screens[: len(shown)] == shown for screens in right)

    return [session for session in load.sessions if not is_right(session)]


@pytest.mark.parametrize(("server", "outage"), OUTAGES)
async def test_the_service_returns_by_itself_and_is_polite_meanwhile(
    server: str, outage: Callable[[int], Awaitable[None]], ground: Ground, network: Network, pack: Pack
) -> None:
    right = await undisturbed(network)
    load = Load(network, seed=OUTAGES.index(next(case for case in OUTAGES if case.values == (server, outage))))
    running = asyncio.create_task(load.run())
    try:
        await asyncio.sleep(UNDER_LOAD_S)  # the outage comes into the middle of work
        await outage(ground.pid(server))
        async with asyncio.timeout(RETURNS_MAX_S):
            while await undisturbed(network) != right:  # one connection is back before another
                pass
    finally:  # a load that went on would be the next test's
        load.stopped = True
        await running

    sorry = {f"END {pack.menu.message('unavailable', language)}" for language in pack.menu.languages}
    assert faults(load, right, sorry) == []
    assert any(answer.screen in sorry for answer in load.answers), "nobody noticed the outage: it proves nothing"
    assert (network.told_not_now > 0) == (server == "postgres"), "events are refused for now without their store only"
    await assert_nothing_lost_or_doubled(load, ground.urls["GATEWAY_DATABASE_URL"], pack)
