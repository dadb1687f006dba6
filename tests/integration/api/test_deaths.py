"""Every write of staff dies right before and right after its commit, as when its process is killed there: its
connection drops, and nobody is answered. The same request, sent again, has the one answer, and nothing moves twice.

`tests/crash` kills whole gateways at the same two instants, over fewer kinds of write.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import gateway.app
from gateway.crash import CrashPoint
from gateway.ids import Amount
from gateway.loyalty.service import Loyalty
from gateway.loyalty.writes import SettleOrder, Spend
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.crash.writes import OF_THE_API
from tests.integration import grouped
from tests.integration.api.office import NOBODY, NUMBER, OTHER, Office, application, ordered, running
from tests.integration.store.gift_codes import Shop, tries
from tests.integration.store.traffic import POINTS, key, posted

pytestmark = pytest.mark.anyio

ISSUES = "/v1/codes/batches"
"""It answers with codes once; `tests/crash` walks it."""
AHEAD = "/v1/rewards/cinema/vouchers"
"""Commits its effect before its answer, lest nobody can order meanwhile: a repeat finds its vouchers there."""
IN_THE_PATH = "/v1/members/{msisdn}/language"
"""The same write as its form with the number in the body, which is walked."""
BY_HAND, COLLECTED, BILLED = "12", "10", "5"
"""Rewards by their numbers."""
TABLES = """select c.relname from pg_class c
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
             order by c.relname"""
ROWS = "select coalesce(md5(string_agg(t::text, e'\\n' order by t::text)), '') from \"{}\" as t"


class Died(BaseException):
    """The process is no more."""


@dataclass
class Death:
    """Comes to whatever reaches this point next, once it is set."""

    point: CrashPoint | None = None

    def reach(self, reached: CrashPoint) -> None:
        if reached is self.point:
            self.point = None
            raise Died(reached)


@dataclass(frozen=True, slots=True)
class Books:
    """Every row of every table, as one digest each."""

    connection: "asyncpg.Connection[Any]"
    tables: list[str] = field(default_factory=list)

    async def read(self) -> Mapping[str, str]:
        if not self.tables:
            self.tables.extend(row["relname"] for row in await self.connection.fetch(TABLES))
        return {table: await self.connection.fetchval(ROWS.format(table)) for table in self.tables}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return grouped.pack()


@pytest.fixture
def death(monkeypatch: pytest.MonkeyPatch) -> Death:
    one = Death()
    monkeypatch.setattr(gateway.app, "armed", lambda _: one.reach)
    return one


@pytest.fixture
async def office(death: Death, database_url: str, redis_url: str, pack: Pack) -> AsyncIterator[Office]:
    async with running(application(database_url, redis_url, pack, billing_repeats="idempotent")) as one:
        yield one


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    connection = await asyncpg.connect(database_url)
    yield Books(connection)
    await connection.close()


@pytest.fixture
async def writes(
    office: Office, ledger: Ledger, pack: Pack, books: Books, database_url: str, tmp_path: Path
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """A request to every route that takes an `Idempotency-Key`, each of which changes something, in this order."""
    for msisdn in (NUMBER, OTHER):
        await office.earn(15_000, msisdn)
    loyalty = Loyalty(pack.programme, ledger)
    await office.done("/v1/rewards/mug/stock", {"by": 5})
    delivered, refused = [await ordered(loyalty, BY_HAND) for _ in range(2)]
    billed, collected = await ordered(loyalty, BILLED), await ordered(loyalty, COLLECTED)
    await parked(ledger, books, billed)
    spent, earned = await spent_and_earned(ledger)
    waiting = [
        (await office.done("/v1/members/credits", credit(2000), status=202))["approval_id"] for _ in ("yes", "no")
    ]
    first, second = [await Shop(database_url, tmp_path).issue(3) for _ in range(2)]
    some = {"first": str(first.serial(1)), "last": str(first.serial(2)), "comment": "c"}
    return [
        ("/v1/members/credits", credit(50)),
        (f"/v1/approvals/{waiting[0]}/approve", {"comment": "c"}),
        (f"/v1/approvals/{waiting[1]}/reject", {"comment": "c"}),
        (f"/v1/orders/{delivered}/deliver", {"reason": "r"}),
        (f"/v1/orders/{refused}/refuse", {"reason": "r"}),
        (f"/v1/orders/{billed}/retry", {"reason": "r", "not_delivered": True}),
        ("/v1/orders/hand-over", {"code": await handover(ledger, books, collected)}),
        ("/v1/members/refunds", taken_back(spent)),
        ("/v1/members/reversals", taken_back(earned)),
        ("/v1/rewards/mug/stock", {"by": 7}),
        (AHEAD, {"vouchers": ["KINO-1", "KINO-2"]}),
        ("/v1/switches/throw", {"name": "reward:visit", "reason": "r"}),
        ("/v1/switches/close", {"name": "reward:visit"}),
        ("/v1/members/language", {"msisdn": NUMBER, "language": "en"}),
        ("/v1/segments/vip/members", {"add": [NUMBER, NOBODY]}),
        ("/v1/members/tier", {"msisdn": NUMBER, "tier": "gold"}),
        ("/v1/pushes", {"msisdn": OTHER, "push": "welcome"}),
        ("/v1/members/block", {"msisdn": NUMBER, "reason": "r"}),
        ("/v1/members/unblock", {"msisdn": NUMBER, "reason": "r"}),
        ("/v1/codes/freeze", some),
        ("/v1/codes/unfreeze", some),
        ("/v1/codes/void", some),
        (f"/v1/codes/batches/{second.batch_id}/void", {"comment": "c"}),
        ("/v1/codes/unlock", {"msisdn": OTHER}),
    ]


def credit(amount: int) -> Mapping[str, Any]:
    return {"msisdn": NUMBER, "unit": "points", "amount": amount, "reason": "apology", "comment": "c"}


def taken_back(transfer_id: int) -> Mapping[str, Any]:
    return {"msisdn": OTHER, "transfer_id": transfer_id, "reason": "mistake", "comment": "c"}


async def spent_and_earned(ledger: Ledger) -> tuple[int, int]:
    """Two transfers of the other member, who has also typed a wrong gift code."""
    now = datetime.now(UTC)
    member = await ledger.member(Msisdn(OTHER), now)
    assert member is not None
    earned = await posted(ledger, member.member_id, 100, "earned", now)
    spent = await ledger.write(Spend(member.member_id, POINTS, Amount(30), "test", "test", key("spent")), now)
    await tries(ledger, member.member_id, 1, now)
    return spent.ids["transfer_id"], earned.ids["transfer_id"]


async def parked(ledger: Ledger, books: Books, order_id: int) -> None:
    """The billing would not say how it ended."""
    member_id = await books.connection.fetchval("select member_id from reward_order where order_id = $1", order_id)
    word = SettleOrder(member_id, order_id, "parked", "nobody knows", "test", key("parked"), doubtful=True)
    await ledger.write(word, datetime.now(UTC))


async def handover(ledger: Ledger, books: Books, order_id: int) -> str:
    """What the member shows who collects it."""
    row = await books.connection.fetchrow("select member_id, key from reward_order where order_id = $1", order_id)
    return ledger.items.code_keys.handovers(*row)[0]


async def test_every_write_that_is_carried_out_once_is_walked(
    office: Office, writes: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    paths = (await office.get("/openapi.json")).json()["paths"]
    once = {
        path
        for path, methods in paths.items()
        for route in methods.values()
        if any(one["name"] == "Idempotency-Key" for one in route.get("parameters", ()))
    }
    patterns = {path: re.compile(re.sub(r"{\w+}", r"\\w+", path)) for path in once}
    walked = {path for path, pattern in patterns.items() for real, _ in writes if pattern.fullmatch(real)}
    assert once - walked == {ISSUES, IN_THE_PATH}


@pytest.mark.parametrize("point", OF_THE_API)
async def test_a_write_that_dies_is_done_once_by_whoever_sends_it_again(
    point: CrashPoint,
    death: Death,
    office: Office,
    writes: Sequence[tuple[str, Mapping[str, Any]]],
    books: Books,
    database_url: str,
) -> None:
    committed = point is CrashPoint.WRITE_COMMITTED
    for ordinal, (path, body) in enumerate(writes):
        before, death.point = await books.read(), point
        with pytest.raises(Died):
            pytest.fail((await office.post(path, body, "lead", f"write-{ordinal}")).text)
        died = await books.read()
        there = committed or path == AHEAD
        assert there == (died != before), f"{path}: how much of it is there"
        answer = await office.post(path, body, "lead", f"write-{ordinal}")
        assert answer.status_code in {200, 202}, f"{path}: {answer.text}"
        after = await books.read()
        changed = {table for table in after if after[table] != before[table]}
        assert changed - {"api_request", "audit_log"}, f"{path}: there was nothing to do"
        assert not committed or after == died, f"{path} was done twice"
        again = await office.post(path, body, "lead", f"write-{ordinal}")
        assert (again.content, await books.read()) == (answer.content, after), path
    assert await verify(database_url) == ()
