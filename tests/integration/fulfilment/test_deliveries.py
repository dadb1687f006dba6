"""Orders that the billing delivers: each behaviour of it, each way of failing. Points are spent for what was delivered,
given back for what was not, and held while nobody knows."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import StoreUnavailableError
from gateway.loyalty.ports import Written
from gateway.loyalty.writes import Write
from gateway.settings import Repeats
from tests.integration.fulfilment.scene import EARNED, HASTY, PRICE, TERMS, Books, Scene

pytestmark = pytest.mark.anyio

IDEMPOTENT, ASKABLE, NEVER = Repeats.IDEMPOTENT, Repeats.ASKABLE, Repeats.NEVER

ONCE, NOT, KNOWN_TO_THEM, NOT_DONE = "delivered", "refused", "parked, delivered there", "parked, not delivered there"
"""What a member gets: it, or the points back; or nobody knows, and staff find out which it was."""

ALWAYS_ONCE = dict.fromkeys(Repeats, ONCE)
ALWAYS_REFUSED = dict.fromkeys(Repeats, NOT)
HEALED_OR_UNDONE = {IDEMPOTENT: ONCE, ASKABLE: ONCE, NEVER: NOT_DONE}
HEALED_OR_DONE = {IDEMPOTENT: ONCE, ASKABLE: ONCE, NEVER: KNOWN_TO_THEM}

FAULTS: Mapping[str, tuple[Mapping[str, object], Mapping[Repeats, str]]] = {
    "in good order": ({}, ALWAYS_ONCE),
    "it refuses": ({"refuse_next": 1}, ALWAYS_REFUSED),
    "it hangs up before it is done": ({"fail_before_doing": 1}, HEALED_OR_UNDONE),
    "it hangs up after it is done": ({"fail_after_doing": 1}, HEALED_OR_DONE),
    "it hangs up after it refused": ({"refuse_next": 1, "fail_after_doing": 1}, ALWAYS_REFUSED | {NEVER: NOT_DONE}),
    "it takes its time": ({"pending": 2}, HEALED_OR_UNDONE),
    "it is busy": ({"status": 503, "status_count": 2}, ALWAYS_ONCE),
    "it is throttling": ({"status": 429, "status_count": 1}, ALWAYS_ONCE),
    "it does not know our key": ({"status": 401, "status_count": 1}, ALWAYS_ONCE),
    "there is something else at its address": ({"status": 404, "status_count": 1}, ALWAYS_ONCE),
    "it is at a loss": ({"status": 500, "status_count": 1}, HEALED_OR_UNDONE),
    "its proxy is at a loss": ({"status": 502, "status_count": 1}, HEALED_OR_UNDONE),
    "it sends us elsewhere": ({"status": 307, "status_count": 1}, HEALED_OR_UNDONE),
}
CASES = [
    pytest.param(repeats, faults, expected[repeats], id=f"{repeats}-{name}".replace(" ", "-"))
    for name, (faults, expected) in FAULTS.items()
    for repeats in Repeats
]


def outcome(books: Books, delivered: int) -> str:
    """What came of an order; every other combination would be points or a reward lost."""
    match books, delivered:
        case Books("delivered", _, "captured", available, ("delivered",)), 1 if available == EARNED - PRICE:
            return ONCE
        case Books("refused", _, "released", available, ("refused",)), 0 if available == EARNED:
            return NOT
        case Books("parked", _, "open", available, ()), _ if available == EARNED - PRICE and delivered <= 1:
            return KNOWN_TO_THEM if delivered else NOT_DONE
    return f"{books}, delivered {delivered} times"


@pytest.mark.parametrize(("repeats", "faults", "expected"), CASES)
async def test_a_reward_for_points_or_neither(
    scene: Scene, repeats: Repeats, faults: Mapping[str, object], expected: str
) -> None:
    await scene.billing.behave(mode=repeats, **faults)
    order_id = await scene.order()
    async with scene.delivering(repeats):
        books = await scene.ended(order_id)
    assert outcome(books, await scene.delivered(order_id)) == expected


@pytest.mark.parametrize(("repeats", "expected"), [pytest.param(one, HEALED_OR_DONE[one], id=one) for one in Repeats])
async def test_a_billing_that_is_too_slow_may_have_done_it(scene: Scene, repeats: Repeats, expected: str) -> None:
    await scene.billing.behave(mode=repeats, slow_s=1.0)
    order_id = await scene.order()
    async with scene.delivering(repeats, timeout_s=0.2):
        await scene.until(order_id, lambda books: books.doubtful, "in doubt")
        await scene.billing.behave(mode=repeats)
        books = await scene.ended(order_id)
    assert outcome(books, await scene.delivered(order_id)) == expected


@pytest.mark.parametrize("repeats", Repeats)
async def test_a_billing_that_is_away_is_waited_for(scene: Scene, repeats: Repeats) -> None:
    scene.billing.kill()
    order_id = await scene.order()
    async with scene.delivering(repeats):
        books = await scene.until(order_id, lambda books: books.tries > 1, "tried twice")
        assert not books.doubtful
        scene.billing.start()
        await scene.billing.behave(mode=repeats)
        books = await scene.ended(order_id)
    assert outcome(books, await scene.delivered(order_id)) == ONCE


@pytest.mark.parametrize("called", [True, False], ids=["after its call", "before its call"])
@pytest.mark.parametrize("repeats", Repeats)
async def test_whoever_delivered_it_died(scene: Scene, repeats: Repeats, called: bool) -> None:
    """Nobody can tell whether the call was made: what must not come again is not called again."""
    await scene.billing.behave(mode=repeats)
    order_id = await scene.order()
    if called:
        await deliver_and_die(scene, repeats, order_id)
    else:
        await scene.leased(order_id, datetime.now(UTC) - timedelta(seconds=1))
    came = await scene.delivered(order_id)
    async with scene.delivering(repeats):
        books = await scene.ended(order_id)
    expected = ONCE if repeats is not NEVER else KNOWN_TO_THEM if called else NOT_DONE
    assert outcome(books, await scene.delivered(order_id)) == expected
    assert came == called


async def deliver_and_die(scene: Scene, repeats: Repeats, order_id: int) -> None:
    """The billing has answered, and before that is written down the process is gone; its lease is over."""

    async def never(_: Write, at: datetime) -> Written:
        raise StoreUnavailableError("the store went away, and so do we")

    async with scene.delivering(repeats, settle=never) as fulfiller:
        await scene.until(order_id, lambda books: books.state == "calling", "called")
        while not await scene.delivered(order_id):  # the billing tells nobody but who asks
            pass
        await fulfiller.finish(0)
    await scene.connection.execute(
        "update reward_order set call_lease_until = $2 where order_id = $1", order_id, datetime.now(UTC)
    )


async def test_what_was_answered_while_the_store_was_away_is_written_down_later(scene: Scene) -> None:
    order_id, tries = await scene.order(), []

    async def at_the_third_time(write: Write, at: datetime) -> Written:
        tries.append(at)
        if len(tries) < 3:
            raise StoreUnavailableError("away")
        return await scene.ledger.write(write, at)

    await scene.billing.behave(mode=NEVER)
    async with scene.delivering(NEVER, settle=at_the_third_time):
        books = await scene.ended(order_id)
    assert outcome(books, await scene.delivered(order_id)) == ONCE
    assert len(tries) == 3


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        pytest.param({"status": 503, "status_count": 1_000}, NOT, id="what was surely not delivered is given back"),
        pytest.param({"pending": 1_000}, NOT_DONE, id="what may have been delivered is parked"),
    ],
)
async def test_nobody_waits_for_ever(scene: Scene, faults: Mapping[str, object], expected: str) -> None:
    await scene.billing.behave(mode=IDEMPOTENT, **faults)
    order_id = await scene.order()
    async with scene.delivering(IDEMPOTENT):
        await scene.until(order_id, lambda books: books.tries > 1, "tried twice")
        scene.clock.now += HASTY.give_up
        books = await scene.ended(order_id)
    assert outcome(books, await scene.delivered(order_id)) == expected


async def test_what_the_billing_is_told(scene: Scene) -> None:
    order_id = await scene.order()
    async with scene.delivering(IDEMPOTENT):
        await scene.ended(order_id)
    [(name, row)] = (await scene.billing.orders()).items()
    assert name.rpartition("-")[0] == await scene.connection.fetchval("select order_prefix from deployment")
    assert (row["reward"], row["terms"], row["came"]) == ("internet_1gb", TERMS, 1)
    assert row["msisdn"].startswith("+7921")
    assert datetime.fromisoformat(row["placed_at"]) == scene.clock.now


async def test_many_orders_and_two_gateways_deliver_each_once(scene: Scene) -> None:
    orders = [await scene.order() for _ in range(40)]
    await scene.billing.behave(mode=NEVER)
    async with scene.delivering(NEVER), scene.delivering(NEVER):
        for order_id in orders:
            await scene.until(order_id, lambda books: books.state == "delivered", "delivered")
    assert {row["delivered"] for row in (await scene.billing.orders()).values()} == {1}
    assert len(await scene.billing.orders()) == len(orders)


async def test_a_number_that_nobody_can_read_keeps_nobody_else(scene: Scene) -> None:
    unreadable, readable = await scene.order(), await scene.order()
    await scene.connection.execute(
        """update member_number set number_cipher = set_byte(number_cipher, 20, 255 - get_byte(number_cipher, 20))
            where member_id = (select member_id from reward_order where order_id = $1)""",
        unreadable,
    )
    async with scene.delivering(IDEMPOTENT):
        assert (await scene.ended(readable)).state == "delivered"
        books = await scene.until(unreadable, lambda books: books.tries > 1, "tried twice")
        assert books.reason == "nobody has this order's number"
        scene.clock.now += HASTY.give_up
        assert (await scene.ended(unreadable)).state == "refused"
