"""Jobs: what is over becomes breakage, what nobody collected gives its points back, and one process runs each."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from gateway.errors import BadRequestError, StoreUnavailableError
from gateway.ids import IdempotencyKey
from gateway.jobs import expiry, orders_due
from gateway.jobs.job import Job, Pass
from gateway.jobs.scheduler import JOBS, Scheduler, SchedulerParts, job_of
from gateway.loyalty.ports import Result
from gateway.loyalty.writes import SettleOrder
from gateway.store.jobs import Jobs
from gateway.store.ledger import Ledger
from gateway.store.tracks import Target, connect
from gateway.store.verify import verify
from tests.integration.fulfilment.scene import EARNED, PRICE, Scene, SetClock
from tests.integration.store.traffic import AT, YEAR, enrolled, number, points, posted
from tests.live.billing import Billing

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    opened = await connect(Target(database_url, "test"))
    yield opened
    await opened.close()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Jobs]:
    opened = Jobs(Target(database_url), lambda *_: None)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def scheduler(ledger: Ledger, store: Jobs, clock: SetClock) -> Scheduler:
    return Scheduler(SchedulerParts(ledger, store, clock, "test"))


@pytest.fixture
def scene(
    ledger: Ledger, database_url: str, connection: "asyncpg.Connection[Any]", clock: SetClock, tmp_path: Any
) -> Scene:
    """A shop whose billing nobody starts."""
    return Scene(ledger, database_url, connection, Billing(tmp_path), clock)


async def test_what_is_over_becomes_breakage_once(
    scheduler: Scheduler, ledger: Ledger, clock: SetClock, connection: "asyncpg.Connection[Any]", database_url: str
) -> None:
    members = [await enrolled(ledger, number(ordinal)) for ordinal in range(2 * expiry.MEMBERS_MAX + 1)]
    await asyncio.gather(*(posted(ledger, member_id, 100, member_id) for member_id in members))
    assert await scheduler.run(expiry.JOB) == Pass(0)
    clock.now = AT + YEAR
    done = await scheduler.run(expiry.JOB)
    assert done is not None
    assert (done.done, done.failed) == (len(members), 0), "pass after pass, until there is no more"
    assert await scheduler.run(expiry.JOB) == Pass(0)
    assert await points(ledger, number(0)) == 0
    breakage = await connection.fetchval("select sum(amount)::bigint from entry where account = 'breakage'")
    assert breakage == 100 * len(members)
    assert await verify(database_url) == ()


@pytest.mark.parametrize(
    ("fulfilment", "reason"),
    [
        pytest.param("pick_up", "not collected in time", id="nobody came for it"),
        pytest.param("manual", "not delivered in time", id="nobody brought it"),
        pytest.param("billing", "not delivered in time", id="the billing was away all the time"),
    ],
)
async def test_an_order_that_is_over_gives_the_points_back_and_says_so(
    scheduler: Scheduler, scene: Scene, fulfilment: str, reason: str
) -> None:
    order_id = await scene.order(fulfilment, "mug", due_at=AT + 14 * DAY)
    scene.clock.now = AT + 14 * DAY - timedelta(seconds=1)
    assert await scheduler.run(orders_due.JOB) == Pass(0)
    scene.clock.now = AT + 14 * DAY
    assert await scheduler.run(orders_due.JOB) == Pass(1)
    assert await scheduler.run(orders_due.JOB) == Pass(0)
    books = await scene.ended(order_id)
    assert (books.state, books.reason, books.hold, books.available) == ("expired", reason, "released", EARNED)
    assert books.told == ("expired",)


async def test_what_the_billing_may_have_delivered_is_left_alone(scheduler: Scheduler, scene: Scene) -> None:
    order_id = await scene.order(due_at=AT + DAY)
    await scene.leased(order_id, datetime.now(UTC) - DAY)
    scene.clock.now = AT + 2 * DAY
    assert await scheduler.run(orders_due.JOB) == Pass(0), "it is being called, as far as anybody knows"
    await scene.connection.execute(
        "update reward_order set state = 'placed', owner = null, doubtful = true where order_id = $1", order_id
    )
    assert await scheduler.run(orders_due.JOB) == Pass(0)
    assert (await scene.books(order_id)).available == EARNED - PRICE


async def test_an_order_that_was_busy_when_its_time_was_out_ends_later(scheduler: Scheduler, scene: Scene) -> None:
    """The sweep's word on it came too late once; that must not be its last."""
    order_id, member_id = await scene.placed("billing", "mug", due_at=AT + DAY)
    scene.clock.now = AT + 2 * DAY
    await scene.leased(order_id, datetime.now(UTC) + DAY)
    swept = SettleOrder(member_id, order_id, "expired", "late", "job", IdempotencyKey(f"order:{order_id}:0:due"))
    assert (await scene.ledger.write(swept, scene.clock.now)).result is Result.SETTLED
    await scene.connection.execute(
        "update reward_order set state = 'placed', owner = null, call_lease_until = null where order_id = $1", order_id
    )
    assert await scheduler.run(orders_due.JOB) == Pass(1)
    assert (await scene.ended(order_id)).state == "expired"


async def test_one_process_runs_a_job_at_a_time(store: Jobs) -> None:
    later = NOW + timedelta(seconds=60)
    assert await store.take("expiry", "one/1", later, NOW, NOW)
    assert await store.take("expiry", "one/1", later, NOW, NOW), "asked again over a connection that broke"
    assert not await store.take("expiry", "two/1", later, NOW, NOW)
    assert await store.take("orders_due", "two/1", later, NOW, NOW), "another job is another matter"
    assert await store.take("expiry", "two/2", later + DAY, later, later), "whoever had it died"
    await store.end("expiry", "one/1", NOW, "too late", well=True)
    [expiry_, _] = await store.listed()
    assert (expiry_.owner, expiry_.last_ran_at) == ("two/2", None)


async def test_a_job_that_ran_rests_in_every_process(store: Jobs) -> None:
    assert await store.take("expiry", "one/1", NOW + DAY, NOW, NOW)
    await store.end("expiry", "one/1", NOW, "1 done, 0 failed", well=True)
    soon, rhythm = NOW + timedelta(seconds=29), timedelta(seconds=30)
    assert not await store.take("expiry", "two/1", soon + DAY, soon - rhythm, soon)
    soon += timedelta(seconds=1)
    assert await store.take("expiry", "two/1", soon + DAY, soon - rhythm, soon)


async def test_a_job_that_fails_is_told_and_tried_again(ledger: Ledger, store: Jobs, clock: SetClock) -> None:
    runs: list[datetime] = []

    async def run(_: Ledger, at: datetime) -> Pass:
        runs.append(at)
        if len(runs) == 1:
            raise StoreUnavailableError("away")
        return Pass(3)

    ran: list[str] = []
    job = Job("shaky", 0.01, run)
    scheduler = Scheduler(SchedulerParts(ledger, store, clock, "test", lambda _, how: ran.append(how)))
    keeping = asyncio.create_task(scheduler.keep(job))
    async with asyncio.timeout(10):
        while "well" not in ran:  # noqa: ASYNC110 - a job tells nobody but the metrics
            await asyncio.sleep(0.01)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert ran[:2] == ["failed", "well"]
    [seen] = await store.listed()
    assert seen.last_success_at is not None
    assert seen.last_result == "3 done, 0 failed"


async def test_one_member_who_cannot_be_swept_keeps_nobody_else(
    scheduler: Scheduler, ledger: Ledger, clock: SetClock, connection: "asyncpg.Connection[Any]"
) -> None:
    good, bad = await enrolled(ledger, number(1)), await enrolled(ledger, number(2))
    for member_id in (good, bad):
        await posted(ledger, member_id, 100, member_id)
    await connection.execute("update account set posted = 50 where member_id = $1", bad)
    clock.now = AT + YEAR
    assert await scheduler.run(expiry.JOB) == Pass(1, failed=1)
    assert await points(ledger, number(1)) == 0


async def test_demo_time_is_read_for_each_pass(ledger: Ledger, store: Jobs, clock: SetClock) -> None:
    seen: list[datetime] = []

    async def run(_: Ledger, at: datetime) -> Pass:
        seen.append(at)
        clock.now += DAY
        return Pass(1, more=len(seen) < 3)

    await Scheduler(SchedulerParts(ledger, store, clock, "test")).run(Job("slow", 1, run))
    assert seen == [AT, AT + DAY, AT + 2 * DAY]


async def test_jobs_are_known_by_their_names() -> None:
    assert [job_of(job.name) for job in JOBS] == list(JOBS)
    with pytest.raises(BadRequestError, match="there is no job backup: there are expiry, orders_due"):
        job_of("backup")
