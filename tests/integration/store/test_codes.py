"""Redeeming gift codes: once, by whom they are for; refused alike, whatever is wrong; and locked for who guesses."""

import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import KeyReusedError
from gateway.ids import MemberId
from gateway.loyalty.codes import granted
from gateway.loyalty.ports import Result, Written
from gateway.loyalty.writes import Told
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store import codes_view
from gateway.store.codes_view import CodeState
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.integration.store.gift_codes import (
    DAY,
    HOUR,
    KEYS,
    LIMITS,
    LOCKED,
    REFUSED,
    Issued,
    Shop,
    causes,
    day_of,
    redeem,
    tries,
)
from tests.integration.store.traffic import AT, NUMBER, Connection, blocking, charge, enrolled, number, points

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)
FOUR, FIVE = [REFUSED] * 4, [*[REFUSED] * 4, LOCKED]
SAID_NOTHING = Written(REFUSED)
WRONG_BEARER = "9999999990"


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Shop:
    return Shop(database_url, tmp_path)


@pytest.fixture
async def member_id(ledger: Ledger) -> MemberId:
    await ledger.open(AT)
    return await enrolled(ledger)


@pytest.fixture
async def bound(shop: Shop, member_id: MemberId) -> Issued:
    """Codes of ours, and of a number that is no member yet."""
    assert member_id
    return await shop.issue(numbers=[NUMBER, number(2)])


async def throw(connection: Connection, name: str) -> None:
    await connection.execute("insert into switch (name, since, thrown_by, reason) values ($1, $2, 'x', 'y')", name, AT)


async def test_a_code_is_redeemed_once(ledger: Ledger, bound: Issued, member_id: MemberId, database_url: str) -> None:
    (gift_code, _) = bound.gift_codes
    first = await redeem(ledger, member_id, gift_code, "a")
    assert first == Written(Result.REDEEMED, facts={"unit": "points", "amount": 500, "balance": 500})
    again = await redeem(ledger, member_id, gift_code, "a", channel="sms")
    assert again == replace(first, repeated=True), "the same key finds the first answer"
    for _ in range(2 * LIMITS.wrong_max):
        another = await redeem(ledger, member_id, gift_code)
        assert another == Written(Result.ALREADY_YOURS), "one's own used code is no wrong try"
    with pytest.raises(KeyReusedError):
        await redeem(ledger, member_id, "999999", "a")
    assert await points(ledger) == 500
    assert [one.reason for one in await ledger.statement(member_id, 5)] == ["gift_code"]
    assert await verify(database_url) == ()


async def test_a_bearer_code_is_whoever_brings_it_first(
    ledger: Ledger, shop: Shop, member_id: MemberId, connection: Connection, database_url: str
) -> None:
    issued = await shop.issue(2, grants={"unit": "gift_units", "amount": 3})
    other = await enrolled(ledger, number(2))
    assert (await redeem(ledger, other, issued.gift_codes[0])).facts["balance"] == 3
    assert await redeem(ledger, member_id, issued.gift_codes[0]) == SAID_NOTHING
    assert await causes(connection, member_id) == ["redeemed"]
    assert await verify(database_url) == ()


TAMPERED = {
    "another amount": 'update code_batch set grants = \'{"unit": "points", "amount": 5}\'',
    "another time": "update gift_code set redeemed_at = redeemed_at + interval '1 second' where state = 'redeemed'",
    "before it was valid": "update code_batch set valid_from = valid_from + interval '1 day'",
    "given without a code": "update gift_code set transfer_id = 0 where state = 'redeemed'",
}


@pytest.mark.parametrize("how", TAMPERED.values(), ids=TAMPERED)
async def test_a_code_that_was_tampered_with_is_found(
    ledger: Ledger, bound: Issued, member_id: MemberId, connection: Connection, database_url: str, how: str
) -> None:
    await redeem(ledger, member_id, bound.gift_codes[0])
    assert await verify(database_url) == ()
    await connection.execute(how)
    assert {fault.member_id for fault in await verify(database_url)} == {member_id}


TOLD = {
    "delivered": Told("voucher", "order", "voucher", {}, "ru"),
    "ready": Told("voucher", "order", "ready", {}, "ru", ("handover",)),
}
REWARDS = [
    ("minutes_60", Result.ORDERED, None),
    ("visit", Result.ORDERED, None),
    ("cinema", Result.DELIVERED, {"reward", "order", "until", "balance", "sealed"}),
    ("mug", Result.READY, {"reward", "order", "until", "balance", "sealed"}),
]


@pytest.mark.parametrize(("reward", "result", "told"), REWARDS, ids=[reward for reward, *_ in REWARDS])
async def test_a_code_may_grant_a_reward(
    ledger: Ledger,
    shop: Shop,
    pack: Pack,
    member_id: MemberId,
    connection: Connection,
    reward: str,
    result: Result,
    told: set[str] | None,
) -> None:
    await connection.execute(STOCKED)
    issued = await shop.issue(numbers=[NUMBER], grants=granted(f"reward={reward}", pack.programme))
    first = await redeem(ledger, member_id, issued.gift_codes[0], "a", told=TOLD)
    order = await connection.fetchrow("select order_id, reward, price, terms, due_at from reward_order")
    assert (first.result, dict(first.facts)) == (result, {"reward": reward, "order": order["order_id"]})
    meant = pack.programme.reward(reward)
    assert meant is not None
    assert (order["reward"], order["price"], json.loads(order["terms"])) == (reward, 0, dict(meant.terms))
    assert order["due_at"] == (None if meant.due_days is None else AT + meant.due_days * DAY)
    assert await redeem(ledger, member_id, issued.gift_codes[0], "a", told=TOLD) == replace(first, repeated=True)
    assert await redeem(ledger, member_id, issued.gift_codes[0]) == Written(Result.ALREADY_YOURS)
    messages = await connection.fetch("select reply, outcome, facts from outbox")
    assert [set(json.loads(one["facts"])) for one in messages] == ([] if told is None else [told])
    assert await verify(shop.database_url) == ()


STOCKED = """
insert into reward_stock (reward, remaining) values ('mug', 1);
insert into voucher (reward, digest, cipher, key_version) values ('cinema', decode(repeat('00', 16), 'hex'), 'x', 1)"""


@pytest.mark.parametrize("reward", ["mug", "cinema"])
async def test_a_reward_that_is_sold_out_burns_no_code(
    ledger: Ledger, shop: Shop, pack: Pack, member_id: MemberId, connection: Connection, reward: str
) -> None:
    issued = await shop.issue(numbers=[NUMBER], grants=granted(f"reward={reward}", pack.programme))
    for _ in range(6):
        assert await redeem(ledger, member_id, issued.gift_codes[0]) == Written(Result.SOLD_OUT)
    await connection.execute(STOCKED)
    await throw(connection, f"reward:{reward}")
    assert await redeem(ledger, member_id, issued.gift_codes[0]) == Written(Result.CLOSED)
    await connection.execute("delete from switch")
    assert (await redeem(ledger, member_id, issued.gift_codes[0])).result in {Result.DELIVERED, Result.READY}


async def test_a_unit_that_the_programme_has_no_more_burns_no_code(
    ledger: Ledger, shop: Shop, member_id: MemberId, connection: Connection
) -> None:
    issued = await shop.issue(numbers=[NUMBER], grants={"unit": "stars", "amount": 5})
    assert await redeem(ledger, member_id, issued.gift_codes[0]) == Written(Result.CLOSED)
    assert await connection.fetchval("select state from gift_code") == "active"


Make = Callable[[Shop, Connection], Coroutine[None, None, tuple[str, datetime]]]


async def someone_elses(shop: Shop, _: Connection) -> tuple[str, datetime]:
    return (await shop.issue(numbers=[number(2)])).gift_codes[0], AT


async def nobodys(_: Shop, __: Connection) -> tuple[str, datetime]:
    return "999999", AT


async def expired(shop: Shop, _: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(numbers=[NUMBER])
    return issued.gift_codes[0], AT + 90 * DAY


async def early(shop: Shop, _: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(numbers=[NUMBER], valid_from=AT + SECOND)
    return issued.gift_codes[0], AT


async def frozen(shop: Shop, _: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(numbers=[NUMBER])
    await codes_view.turn(shop.database_url, issued.serial(1), issued.serial(1), CodeState.FROZEN, "cli:x", AT)
    return issued.gift_codes[0], AT


async def void(shop: Shop, _: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(numbers=[NUMBER])
    await codes_view.turn(shop.database_url, issued.serial(1), issued.serial(1), CodeState.VOID, "cli:x", AT)
    return issued.gift_codes[0], AT


async def of_a_frozen_batch(shop: Shop, _: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(numbers=[NUMBER])
    await codes_view.turn_batch(shop.database_url, issued.batch_id, CodeState.FROZEN, "cli:x", AT)
    return issued.gift_codes[0], AT


async def of_a_batch_that_is_being_issued(shop: Shop, connection: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(numbers=[NUMBER])
    await connection.execute("update code_batch set state = 'issuing'")
    return issued.gift_codes[0], AT


async def of_a_stopped_campaign(shop: Shop, connection: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(numbers=[NUMBER], campaign="stopped")
    await throw(connection, "campaign:stopped")
    return issued.gift_codes[0], AT


async def used_by_another(shop: Shop, connection: Connection) -> tuple[str, datetime]:
    issued = await shop.issue(1)
    await connection.execute(
        """update gift_code set state = 'redeemed', redeemed_at = $1, transfer_id = 1,
                  redeemed_by = (select member_id from member_number where number_digest = $2)""",
        AT,
        KEYS.numbers.digests(number(2))[0],
    )
    return issued.gift_codes[0], AT


WRONG = [
    (someone_elses, "unknown"),
    (nobodys, "unknown"),
    (expired, "expired"),
    (early, "early"),
    (frozen, "frozen"),
    (void, "void"),
    (of_a_frozen_batch, "batch_frozen"),
    (of_a_batch_that_is_being_issued, "batch_issuing"),
    (of_a_stopped_campaign, "campaign_closed"),
    (used_by_another, "redeemed"),
]


@pytest.mark.parametrize(("make", "cause"), WRONG, ids=[make.__name__ for make, _ in WRONG])
async def test_refusals_read_alike_and_only_the_audit_log_knows_why(
    ledger: Ledger, shop: Shop, member_id: MemberId, connection: Connection, make: Make, cause: str
) -> None:
    await enrolled(ledger, number(2))
    gift_code, at = await make(shop, connection)
    answers = [await redeem(ledger, member_id, gift_code, at=at) for _ in range(5)]
    assert answers[:4] == [SAID_NOTHING] * 4
    assert answers[4] == Written(LOCKED, facts={"until": day_of(at + DAY)})
    assert await causes(connection, member_id) == [cause] * 5
    said = await connection.fetchval("select string_agg(facts::text, '') from audit_log")
    assert gift_code not in said
    assert await points(ledger) == 0


async def test_the_fifth_wrong_try_locks_every_channel_for_right_and_wrong_codes(
    ledger: Ledger, shop: Shop, bound: Issued, member_id: MemberId
) -> None:
    await redeem(ledger, member_id, bound.gift_codes[0])
    assert await tries(ledger, member_id, 5) == FIVE
    locked = Written(LOCKED, facts={"until": day_of(AT + DAY)})
    for gift_code in (*bound.gift_codes, *(await shop.issue(1)).gift_codes, "999998", "1000000000"):
        for channel in ("ussd", "sms", "api"):
            assert await redeem(ledger, member_id, gift_code, at=AT + HOUR, channel=channel) == locked
    other = await enrolled(ledger, number(2))
    assert (await redeem(ledger, other, bound.gift_codes[1])).result is Result.REDEEMED, "nobody else is locked"


async def test_a_try_that_is_repeated_counts_once(ledger: Ledger, member_id: MemberId) -> None:
    for ordinal in range(4):
        for _ in range(3):
            assert (await redeem(ledger, member_id, "999999", ordinal)).result is REFUSED
    assert (await redeem(ledger, member_id, "999999", 4)).result is LOCKED


async def test_locks_are_longer_each_time_until_only_care_unlocks(
    ledger: Ledger, bound: Issued, member_id: MemberId, database_url: str, connection: Connection
) -> None:
    at = AT
    for lock in (DAY, 3 * DAY):
        assert await tries(ledger, member_id, 5, at) == FIVE
        assert (await redeem(ledger, member_id, "999999", at=at + lock - SECOND)).result is LOCKED
        at += lock
        assert await tries(ledger, member_id, 4, at) == FOUR, "the tries before a lock do not count again"
        at += DAY
    assert await tries(ledger, member_id, 5, at) == FIVE
    for later in (at + SECOND, at + 3660 * DAY):
        assert await redeem(ledger, member_id, "999999", at=later) == Written(LOCKED, facts={"until": None})

    async def unlocked(msisdn: Msisdn) -> bool | None:
        return await codes_view.unlock(database_url, KEYS.numbers, msisdn, "cli:care", at)

    assert [await unlocked(NUMBER), await unlocked(NUMBER), await unlocked(number(9))] == [True, False, None]
    assert await tries(ledger, member_id, 4, at) == FOUR, "as if there never had been a try"
    assert (await redeem(ledger, member_id, bound.gift_codes[0], at=at)).result is Result.REDEEMED
    assert await tries(ledger, member_id, 1, at) == [LOCKED], "a right code in between forgives no wrong ones"
    assert (await redeem(ledger, member_id, "999999", at=at + DAY)).result is REFUSED, "the first lock again"
    log = await connection.fetch("select actor, action from audit_log where action <> 'refuse_code' order by audit_id")
    assert [tuple(row) for row in log[-3:]] == [
        ("cli:care", "unlock_redeeming"),
        ("cli:care", "unlock_redeeming"),
        ("subscriber", "lock_redeeming"),
    ]


async def test_wrong_tries_are_counted_over_a_window(ledger: Ledger, member_id: MemberId) -> None:
    assert await tries(ledger, member_id, 4) == FOUR
    assert await tries(ledger, member_id, 4, AT + DAY) == FOUR
    assert await tries(ledger, member_id, 1, AT + DAY + HOUR) == [LOCKED]


async def test_a_failing_check_digit_is_no_try_but_many_a_day_are(
    ledger: Ledger, member_id: MemberId, connection: Connection
) -> None:
    slips = await tries(ledger, member_id, 19, gift_code="1000000000")
    assert slips == [REFUSED] * 19
    assert await tries(ledger, member_id, 4) == FOUR, "slips are no wrong tries"
    assert await redeem(ledger, member_id, "12", at=AT + DAY) == SAID_NOTHING
    assert (await redeem(ledger, member_id, "12", at=AT + HOUR)).result is LOCKED
    assert await causes(connection, member_id) == ["unknown"] * 4


async def test_a_switch_stops_redeeming_and_counts_nothing(
    ledger: Ledger, bound: Issued, member_id: MemberId, connection: Connection
) -> None:
    await throw(connection, "action:redeem")
    for gift_code in (bound.gift_codes[0], "999999", "12"):
        assert [await redeem(ledger, member_id, gift_code) for _ in range(6)] == [Written(Result.CLOSED)] * 6
    await connection.execute("delete from switch")
    assert (await redeem(ledger, member_id, bound.gift_codes[0])).result is Result.REDEEMED


async def test_who_is_blocked_redeems_nothing(ledger: Ledger, bound: Issued, member_id: MemberId) -> None:
    await ledger.record_event(charge("block"), blocking(member_id), AT)
    for gift_code in (bound.gift_codes[0], "999999"):
        assert await redeem(ledger, member_id, gift_code) == Written(Result.BLOCKED)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Numbers of one range, each good for some wrong tries of bearer codes."""

    ledger: Ledger
    limits = replace(LIMITS, breaker_max=12)

    async def guess(self, numbers: Sequence[int], gift_code: str, channel: str = "ussd", at: datetime = AT) -> None:
        for ordinal in numbers:
            member_id = await enrolled(self.ledger, number(ordinal))
            for _ in range(4):
                await self.try_one(member_id, gift_code, number(ordinal), channel, at)

    async def try_one(
        self, member_id: MemberId, gift_code: str, msisdn: Msisdn, channel: str = "ussd", at: datetime = AT
    ) -> Result:
        done = await redeem(
            self.ledger, member_id, gift_code, at=at, channel=channel, msisdn=msisdn, limits=self.limits
        )
        return done.result


async def test_the_breaker_stops_bearer_codes_of_one_range_on_one_channel_for_a_while(
    ledger: Ledger, shop: Shop, member_id: MemberId
) -> None:
    crowd, near, far = Crowd(ledger), number(50), number(250_000)
    stranger, other = await enrolled(ledger, near), await enrolled(ledger, far)
    bearers = (await shop.issue(5)).gift_codes
    (long_bound,) = (await shop.issue(numbers=[near], digits=10)).gift_codes
    (short_bound,) = (await shop.issue(numbers=[near])).gift_codes
    await crowd.guess(range(10, 13), WRONG_BEARER)

    assert await crowd.try_one(stranger, bearers[0], near) is Result.PAUSED
    assert [await crowd.try_one(stranger, WRONG_BEARER, near) for _ in range(6)] == [Result.PAUSED] * 6
    assert await crowd.try_one(stranger, short_bound, near) is Result.REDEEMED, "never for six digits"
    assert await crowd.try_one(stranger, long_bound, near) is Result.REDEEMED, "nor for one's own long code"
    assert await crowd.try_one(stranger, "999999", near) is REFUSED
    assert await crowd.try_one(stranger, bearers[1], near, "sms") is Result.REDEEMED, "only on its channel"
    assert await crowd.try_one(other, bearers[2], far) is Result.REDEEMED, "only in its range"
    assert await crowd.try_one(stranger, bearers[0], near, at=AT + timedelta(minutes=10)) is Result.REDEEMED


async def test_the_breaker_counts_no_six_digits_and_no_slips(ledger: Ledger, shop: Shop, member_id: MemberId) -> None:
    crowd = Crowd(ledger)
    (bearer,) = (await shop.issue(1)).gift_codes
    await crowd.guess(range(10, 30), "999999")
    await crowd.guess(range(30, 50), "1000000000")
    assert await crowd.try_one(member_id, bearer, NUMBER) is Result.REDEEMED
