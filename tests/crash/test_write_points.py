"""A gateway is killed right before and right after staff's writes commit. The same request under the same key, sent to
whoever comes next, has the one answer, and points have moved once.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from gateway.crash import CrashPoint
from gateway.ids import Amount, MemberId
from gateway.loyalty.writes import Spend
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.crash.writes import OF_THE_API
from tests.integration.store.traffic import AT, POINTS, enrolled, key, number, points, posted
from tests.live.network import ANSWER_MAX_S, HEADERS
from tests.live.processes import Gateway

pytestmark = pytest.mark.anyio

EARNED, SPENT, GIVEN = 1_000, Amount(300), 500
WRITES = {"credits": EARNED - SPENT + GIVEN, "refunds": EARNED, "reversals": 0}
"""The points of each member after it: a reversal takes what is left of the accrual."""
COUNT = 3
BATCHES = "/v1/codes/batches"
BATCH = {"campaign": "crash", "grant": {"unit": "points", "amount": 500}, "count": COUNT}
ALIVE = "select (select count(*) from code_batch where state = 'active'), (select count(*) from gift_code)"


class Staff:
    """Whoever sends the same writes until they are answered."""

    def __init__(self, bodies: dict[str, Mapping[str, Any]]) -> None:
        self.bodies = bodies

    def send(self, gateway: Gateway, path: str) -> httpx.Response:
        """One write, under the one key of its path."""
        headers = HEADERS | {"Idempotency-Key": path.rpartition("/")[2]}
        return httpx.post(
            gateway.url + path, json=self.bodies[path], headers=headers, timeout=ANSWER_MAX_S, trust_env=False
        )

    def cut_off(self, gateway: Gateway, path: str) -> None:
        """A write that kills the gateway."""
        gateway.until_ready()
        with pytest.raises(httpx.TransportError):
            self.send(gateway, path)
        assert gateway.wait_killed(), f"{path} did not come to the point: {gateway.last_words()}"


async def movements(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """A body for each kind of write, each on a member of its own who earned and spent."""
    bodies = {}
    for ordinal, path in enumerate(WRITES):
        member_id = await enrolled(ledger, number(ordinal))
        earned, spent = await earned_and_spent(ledger, member_id, ordinal)
        said = {"msisdn": number(ordinal), "reason": "apology", "comment": "crash"}
        more = {
            "credits": {"unit": POINTS, "amount": GIVEN},
            "refunds": {"transfer_id": spent},
            "reversals": {"transfer_id": earned},
        }
        bodies[f"/v1/members/{path}"] = said | more[path]
    return bodies


async def earned_and_spent(ledger: Ledger, member_id: MemberId, ordinal: int) -> tuple[int, int]:
    """The two transfers."""
    earned = await posted(ledger, member_id, EARNED, f"earned {ordinal}")
    spent = await ledger.write(Spend(member_id, POINTS, SPENT, "test", "test", key(f"spent {ordinal}")), AT)
    return earned.ids["transfer_id"], spent.ids["transfer_id"]


async def held(ledger: Ledger) -> Sequence[int]:
    return [await points(ledger, number(ordinal)) for ordinal in range(len(WRITES))]


@pytest.mark.parametrize("point", OF_THE_API)
async def test_a_death_around_a_commit_moves_points_once(
    point: CrashPoint, ledger: Ledger, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    staff = Staff(await movements(ledger))
    async with AsyncExitStack() as stack:
        settings = settings_of(database_url, redis_url)
        dying = [stack.enter_context(Gateway(tmp_path, settings)) for _ in staff.bodies]
        for gateway in dying:
            gateway.start(GATEWAY_CRASH_AT=f"{point}:1")
        for gateway, path in zip(dying, staff.bodies, strict=True):
            staff.cut_off(gateway, path)
        before = [EARNED - SPENT] * len(WRITES)
        assert await held(ledger) == (before if point is CrashPoint.WRITE_BOOKED else list(WRITES.values()))
        alive = stack.enter_context(Gateway(tmp_path, settings))
        alive.start()
        alive.until_ready()
        first, second = [[staff.send(alive, path) for path in staff.bodies] for _ in range(2)]
    assert {answer.status_code for answer in first} == {200}, [answer.text for answer in first]
    assert [answer.text for answer in first] == [answer.text for answer in second]
    assert await held(ledger) == list(WRITES.values())
    assert await verify(database_url) == ()


@pytest.mark.parametrize("point", OF_THE_API)
async def test_a_death_around_the_commit_of_a_batch_issues_it_once(
    point: CrashPoint, ledger: Ledger, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Codes whose answer died with the gateway are with nobody: the repeat says which batch to make void."""
    staff, connection = Staff({BATCHES: BATCH}), await asyncpg.connect(database_url)
    with Gateway(tmp_path, settings_of(database_url, redis_url)) as gateway:
        gateway.start(GATEWAY_CRASH_AT=f"{point}:1")
        staff.cut_off(gateway, BATCHES)
        lost = point is CrashPoint.WRITE_COMMITTED
        assert tuple(await connection.fetchrow(ALIVE)) == ((1, COUNT) if lost else (0, 0))
        gateway.start()
        gateway.until_ready()
        answer, again = staff.send(gateway, BATCHES), staff.send(gateway, BATCHES)
        void = f"{BATCHES}/{answer.json()['batch_id']}/void"
        staff.bodies[void] = {"comment": "the answer was lost"}
        voided = staff.send(gateway, void)
    assert {answer.status_code, again.status_code} == {201}, answer.text
    assert len(answer.json()["codes"] or []) == (0 if lost else COUNT)
    assert again.json() == answer.json() | {"codes": None}
    assert voided.json() == {"turned": COUNT, "left_alone": 0}, "no code works that nobody has"
    assert tuple(await connection.fetchrow(ALIVE)) == (0, COUNT)
    await connection.close()
    assert await verify(database_url) == ()


def settings_of(database_url: str, redis_url: str) -> dict[str, str]:
    return {
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_REDIS_URL": redis_url,
        "GATEWAY_NUMBER_KEYS": NUMBER_KEYS,
        "GATEWAY_CODE_KEY": CODE_KEY,
    }
