"""Gift codes under attack: many writers on one code, everything sent twice, somebody with two thousand SIM cards."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from gateway.ids import MemberId
from gateway.loyalty.codes import draw
from gateway.loyalty.ports import Result
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.integration.store.gift_codes import DAY, KEYS, LIMITS, Shop, redeem
from tests.integration.store.traffic import (
    AT,
    LASTS_MAX_S,
    WRITERS,
    Connection,
    each_sent_at_once,
    enrolled,
    number,
    opened,
    points,
)

pytestmark = pytest.mark.anyio

OPERATIONS = 1_000
SIM_CARDS, GUESSES_EACH = 2_000, 5
LIVE_CODES = 2_000
ANNOYED_MAX_S = 60.0
"""Ten thousand guesses take about ten seconds on two cores; one that has not ended by then hangs."""


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Shop:
    return Shop(database_url, tmp_path)


async def crowd(connection: Connection, numbers: Sequence[Msisdn]) -> list[MemberId]:
    """Members with these numbers, made at once."""
    await KEYS.agree(connection.fetch, demo=None)
    digests, ciphers = [KEYS.numbers.digests(one)[0] for one in numbers], [KEYS.numbers.encrypt(one) for one in numbers]
    rows = await connection.fetch(
        "select ord, member_id from invite($1, '{}', $2, 1::smallint, 'ru', $3) order by ord", digests, ciphers, AT
    )
    await connection.execute("update member set status = 'active' where status = 'invited'")
    return [MemberId(row["member_id"]) for row in rows]


async def test_of_many_writers_on_one_bearer_code_one_wins(
    ledger: Ledger, shop: Shop, connection: Connection, database_url: str, pack: Pack
) -> None:
    members = await crowd(connection, [number(ordinal) for ordinal in range(WRITERS)])
    bearers = (await shop.issue(5)).gift_codes
    async with asyncio.timeout(LASTS_MAX_S), opened(database_url, pack) as other:
        gateways = (ledger, other)
        for day, bearer in enumerate(bearers):
            answers = await asyncio.gather(
                *(
                    redeem(gateways[n % 2], member_id, bearer, at=AT + day * DAY, msisdn=number(n))
                    for n, member_id in enumerate(members)
                )
            )
            assert Counter(answer.result for answer in answers) == {Result.REDEEMED: 1, Result.REFUSED: WRITERS - 1}
    assert await connection.fetchval("select sum(posted) from account") == 5 * 500
    assert await verify(database_url) == ()


async def test_a_thousand_codes_each_sent_twice_at_once_give_once(
    ledger: Ledger, shop: Shop, connection: Connection, database_url: str, pack: Pack
) -> None:
    numbers = [number(ordinal) for ordinal in range(OPERATIONS // 10)]
    members = await crowd(connection, numbers)
    batches = [await shop.issue(numbers=numbers) for _ in range(9)] + [await shop.issue(len(numbers))]
    operations = [(member_id, batch.gift_codes[n]) for batch in batches for n, member_id in enumerate(members)]
    redemptions = [
        partial(redeem, member_id=member_id, gift_code=gift_code, ordinal=ordinal)
        for ordinal, (member_id, gift_code) in enumerate(operations)
    ]
    async with opened(database_url, pack) as other:
        answers = await each_sent_at_once(redemptions, [ledger, other])
    assert Counter((answer.result, answer.repeated) for answer in answers) == {
        (Result.REDEEMED, False): OPERATIONS,
        (Result.REDEEMED, True): OPERATIONS,
    }
    assert {await points(ledger, one) for one in numbers} == {10 * 500}
    assert await verify(database_url) == ()


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        pytest.param(6, {Result.REFUSED: SIM_CARDS * 4, Result.LOCKED: SIM_CARDS}, id="six digits"),
        pytest.param(10, None, id="bearer codes"),
    ],
)
async def test_who_has_two_thousand_sim_cards_finds_nothing_and_stops_nobody_else(
    ledger: Ledger, shop: Shop, connection: Connection, digits: int, said: dict[Result, int] | None
) -> None:
    """Two thousand codes are alive of each kind. The cards are of one bag; somebody honest has a number among them."""
    await ledger.open(AT)
    victims = [number(500_000 + ordinal) for ordinal in range(LIVE_CODES)]
    bound, bearers = await shop.issue(numbers=victims), await shop.issue(LIVE_CODES)
    honest, far = await enrolled(ledger, number(99_999)), await enrolled(ledger, victims[0])
    (own,) = (await shop.issue(numbers=[number(99_999)])).gift_codes
    cards = await crowd(connection, [number(ordinal) for ordinal in range(SIM_CARDS)])
    chance, counted = random.Random(9), Counter[Result]()
    guesses = iter([(n, draw(digits, chance.randrange)) for _ in range(GUESSES_EACH) for n in range(SIM_CARDS)])

    async def guesser() -> None:
        for n, guess in guesses:
            counted[(await redeem(ledger, cards[n], guess, msisdn=number(n))).result] += 1

    async with asyncio.timeout(ANNOYED_MAX_S):
        await asyncio.gather(*(guesser() for _ in range(4 * WRITERS)))
    assert counted[Result.REDEEMED] == 0
    if said is None:
        assert LIMITS.breaker_max <= counted[Result.REFUSED] < 2 * LIMITS.breaker_max
        assert counted[Result.PAUSED] == SIM_CARDS * GUESSES_EACH - counted[Result.REFUSED] - counted[Result.LOCKED]
    else:
        assert counted == said
    locked = await connection.fetchval("select count(*) from code_lock where member_id <> all ($1)", cards)
    assert locked == 0, "nobody but the cards themselves"
    assert (await redeem(ledger, honest, own, msisdn=number(99_999))).result is Result.REDEEMED
    assert (await redeem(ledger, far, bound.gift_codes[0], msisdn=victims[0])).result is Result.REDEEMED
    assert (await redeem(ledger, far, bearers.gift_codes[0], msisdn=victims[0])).result is Result.REDEEMED
