"""A gateway is killed at each named instant of an exchange and of a redemption by USSD; the same requests, sent again,
end where they would have ended, and points have moved once.

A result whose session died with the gateway is told by SMS: it waits in the outbox, once, until the screen is seen.
Where a machine is so laden that a repeat outlasts its hop, the phone hears so, and the same SMS tells it.
"""

import asyncio
import csv
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from gateway import embedded
from gateway.crash import CrashPoint
from gateway.ussd.dialects.africastalking import PROFILE
from tests.live.network import Event, Network, new_number, new_session, walk
from tests.live.processes import Gateway, Ground

pytestmark = pytest.mark.anyio

CHOSEN = [
    f"{point}:{count}"
    for point, counts in {
        CrashPoint.HOP_OPENED: (6, 8),
        CrashPoint.CALL_ANSWERED: (5, 7),
        CrashPoint.HOP_SAVED: (6, 8),
    }.items()
    for count in counts
]
"""The sixth hop of the script confirms the exchange, the eighth dials the gift code; its calls are the fifth, since the
gifts' menu calls nothing, and the seventh, after the balance."""
CONFIRMED = ["5", "1", "1", "1", "1"]
ORDER_NUMBER = re.compile(r"заказ \d+")
PROMISED = "END Это займёт ещё немного. Ответ придёт в SMS."
MOVING = (5, 7)
"""Which answers of the script move points: only those may be promised."""
RESULTS = "select o.reply, o.outcome, count(*) as count from outbox o where o.kind = 'result' group by 1, 2"
SPENT = "select count(*) as count, sum(price)::bigint as points from reward_order"


async def script(network: Network, msisdn: str, gift_code: str) -> Sequence[object]:
    """Points are earned, exchanged and won; what was answered, without what differs by number."""
    await network.event(Event(f"exchange-{msisdn}", "top_up", msisdn, 100_000))
    screens = await walk(network, msisdn, new_session(), CONFIRMED)
    balance = await network.screen(msisdn, new_session(), "1")  # by a shortcut: nobody is asked whether to go back
    redeemed = await network.screen(msisdn, new_session(), gift_code)
    told = [ORDER_NUMBER.sub("заказ N", screen) for screen in screens]
    return (*told, balance, redeemed, await network.screen(msisdn, new_session(), "1"))


def issued(ground: Ground, folder: Path, numbers: Sequence[str]) -> list[str]:
    """A gift code for each number, as staff make them."""
    (folder / "numbers.csv").write_text("msisdn\n" + "\n".join(numbers) + "\n", encoding="ascii")
    done = ground.command(
        "codes", "issue", "--campaign", "crash", "--count", str(len(numbers)), "--grant", "points=500",
        "--bind", str(folder / "numbers.csv"), "--out", str(folder / "codes.csv"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "codes.csv").open(encoding="utf-8", newline="") as file:
        by_number = {row["msisdn"]: row["gift_code"] for row in csv.DictReader(file)}
    return [by_number[number] for number in numbers]


async def test_a_death_in_an_exchange_moves_points_once_and_is_healed_by_sending_again(
    ground: Ground, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    numbers = [new_number() for _ in [*CHOSEN, "undisturbed"]]
    codes = issued(ground, tmp_path, numbers)
    async with AsyncExitStack() as stack:
        dying = [stack.enter_context(Gateway(tmp_path, ground.settings)) for _ in CHOSEN]
        networks = [await stack.enter_async_context(Network(gateway.url)) for gateway in dying]
        for gateway, crash_at in zip(dying, CHOSEN, strict=True):
            gateway.start(GATEWAY_CRASH_AT=crash_at)
        scripts = [script(*each) for each in zip(networks, numbers, codes, strict=False)]
        walks = asyncio.gather(*scripts, return_exceptions=True)
        killed = await asyncio.gather(*(asyncio.to_thread(gateway.wait_killed) for gateway in dying))
        started_again = stack.enter_context(Gateway(tmp_path, ground.settings))
        started_again.start()
        for network in networks:
            network.turn_to(started_again.url)
        undisturbed = await stack.enter_async_context(Network(started_again.url))
        await undisturbed.until_ready()
        async with asyncio.timeout(PROFILE.answer_s * 2):  # no session is stuck longer than its lease
            answers = await walks
        expected = await script(undisturbed, numbers[-1], codes[-1])
    assert "заказ N" in str(expected[5])
    assert "2 700" in str(expected[6])
    assert "3 200" in str(expected[8])
    for crash_at, died, answer in zip(CHOSEN, killed, answers, strict=True):
        with subtests.test(crash_at):
            assert died, "the script never came to this point"
            assert not isinstance(answer, BaseException), answer
            late = {place for place, said in enumerate(answer) if said == PROMISED}
            assert late <= set(MOVING)
            assert answer == tuple(PROMISED if place in late else said for place, said in enumerate(expected))
    books = ground.command("ledger", "verify")
    assert books.returncode == 0, books.stdout + books.stderr
    await _told_once(ground, len(numbers))


async def _told_once(ground: Ground, members: int) -> None:
    """Each result waits once for its session's end: nobody went on behind it, and no network told of an end."""
    servers = embedded.running(ground.data_dir)
    assert servers is not None
    connection = await asyncpg.connect(servers.postgres_url)
    try:
        rows = {(row["reply"], row["outcome"]): row["count"] for row in await connection.fetch(RESULTS)}
        spent = await connection.fetchrow(SPENT)
    finally:
        await connection.close()
    assert rows == {("exchange", "ordered"): members, ("redeem", "redeemed"): members}
    assert spent is not None
    assert (spent["count"], spent["points"]) == (members, members * 300)
