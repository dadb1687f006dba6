"""A gateway is killed at each named instant of a hop or an event; the same requests, sent again, end where they would
have ended.

The script below is walked once for each point by a gateway that dies there, and once undisturbed. Billing and the
USSD gateway send again exactly what got no answer, until a gateway that was started later answers.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.crash import CrashPoint
from gateway.ussd.dialects.africastalking import PROFILE
from tests.conftest import LONG
from tests.crash import orders, texts, writes
from tests.live.network import Event, Network, new_number, new_session, walk
from tests.live.processes import Gateway, Ground

pytestmark = pytest.mark.anyio

POINTS = {
    CrashPoint.MEMBER_ENROLLED: 1,
    CrashPoint.EVENT_DECIDED: 2,
    CrashPoint.EVENT_RECORDED: 2,
    CrashPoint.HOP_OPENED: 2,
    CrashPoint.CALL_ANSWERED: 2,
    CrashPoint.HOP_SAVED: 2,
}
"""The point, and the how-manieth time: in the script, the second hop changes the language."""
REACHED = {
    CrashPoint.MEMBER_ENROLLED: 1,
    CrashPoint.EVENT_DECIDED: 2,
    CrashPoint.EVENT_RECORDED: 2,
    CrashPoint.HOP_OPENED: 4,
    CrashPoint.CALL_ANSWERED: 5,
    CrashPoint.HOP_SAVED: 4,
}
"""How often the whole script reaches each point; `make test-long` dies at every one."""

ENGLISH_HOME = "CON You have 4,000 points\n"


async def script(network: Network, tag: str) -> Sequence[object]:
    """Everything that a subscriber and his billing can do; what was answered, without what differs by number."""
    msisdn = new_number()
    first = await network.event(Event(f"{tag}-first", "top_up", msisdn, 50_000))
    screens = await walk(network, msisdn, new_session(), ["3", "1"])
    second = await network.event(Event(f"{tag}-second", "top_up", msisdn, 100_000))
    return (first["earned"], *screens, second["earned"], await network.screen(msisdn, new_session(), ""))


def test_every_point_has_its_place_in_the_script() -> None:
    assert set(POINTS) == set(REACHED)
    walked = set(POINTS) | set(texts.REACHED) | set(orders.REACHED) | set(writes.REACHED)
    assert walked == set(CrashPoint), "say when a script reaches the new point"


async def test_a_death_at_any_point_is_healed_by_sending_again(
    ground: Ground, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    times = {point: range(1, REACHED[point] + 1) if LONG else (POINTS[point],) for point in POINTS}
    chosen = [f"{point}:{number}" for point, numbers in times.items() for number in numbers]
    async with AsyncExitStack() as stack:
        dying = [stack.enter_context(Gateway(tmp_path, ground.settings)) for _ in chosen]
        networks = [await stack.enter_async_context(Network(gateway.url)) for gateway in dying]
        for gateway, crash_at in zip(dying, chosen, strict=True):
            gateway.start(GATEWAY_CRASH_AT=crash_at)
        walks = asyncio.gather(*map(script, networks, chosen), return_exceptions=True)
        killed = await asyncio.gather(*(asyncio.to_thread(gateway.wait_killed) for gateway in dying))
        started_again = stack.enter_context(Gateway(tmp_path, ground.settings))
        started_again.start()
        for network in networks:
            network.turn_to(started_again.url)
        undisturbed = await stack.enter_async_context(Network(started_again.url))
        await undisturbed.until_ready()
        async with asyncio.timeout(PROFILE.answer_s):  # no session is stuck longer than its lease
            answers = await walks
        expected = await script(undisturbed, "undisturbed")
    assert str(expected[-1]).startswith(ENGLISH_HOME)
    for crash_at, died, answer in zip(chosen, killed, answers, strict=True):
        with subtests.test(crash_at):
            assert died, "the script never came to this point"
            assert answer == expected
    books = ground.command("ledger", "verify")
    assert books.returncode == 0, books.stdout + books.stderr
