"""What becomes of gift codes, predicted: a plain model says each answer beforehand, whatever is done in whatever order.

Each example has members, codes and a range of numbers of its own, so one database serves all of them.
"""

import itertools
import random
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.ids import MemberId
from gateway.loyalty.ports import Result, Written
from gateway.msisdn import Msisdn
from gateway.store import codes_view
from gateway.store.codes_view import CodeState
from gateway.store.ledger import Ledger
from gateway.store.verify import verify
from tests.conftest import LONG
from tests.integration.store.gift_codes import DAY, HOUR, KEYS, LIMITS, Issued, Shop, day_of, redeem
from tests.integration.store.traffic import AT, Connection, enrolled

pytestmark = pytest.mark.anyio

RULES = replace(LIMITS, wrong_max=4, malformed_max=4, breaker_max=3)
"""Low, so that a short play meets them all."""
GUESSES = {"no such six digits": "000000", "no such bearer code": "9999999990", "a slip": "9999999991"}
MEMBERS, BOUND, BEARERS = 2, 2, 2
"""Each member has so many codes of six digits; the bearer codes are anybody's."""

STEPS = 60
CODES = MEMBERS * BOUND + BEARERS
WAITS = [timedelta(minutes=4), timedelta(minutes=11), HOUR, HOUR, DAY, 3 * DAY, 20 * DAY]


_blocks, _ordinals = itertools.count(), itertools.count()


def steps_of(seed: int) -> Iterator[tuple[object, ...]]:
    """A play: mostly tries, half of them guesses. A strategy's lists of steps hardly ever brought a lock."""
    chance = random.Random(seed)
    for _ in range(STEPS):
        match chance.choices(["try", "repeat", "wait", "turn", "turn batch", "unlock"], [70, 5, 10, 10, 3, 2]):
            case ["try"]:
                choices = range(CODES) if chance.random() < 0.5 else range(CODES, CODES + len(GUESSES))
                yield "try", chance.randrange(MEMBERS), chance.choice(choices)
            case ["repeat"]:
                yield ("repeat",)
            case ["wait"]:
                yield "wait", chance.choice(WAITS)
            case ["turn"]:
                yield "turn", chance.randrange(CODES), chance.choice(list(CodeState))
            case ["turn batch"]:
                yield "turn batch", chance.randrange(BOUND + 1), chance.choice([CodeState.ACTIVE, CodeState.FROZEN])
            case ["unlock"]:
                yield "unlock", chance.randrange(MEMBERS)


@dataclass(slots=True)
class Code:
    """A code as the model knows it; `owner` is None for a bearer code."""

    gift_code: str
    owner: int | None
    batch: int
    ordinal: int
    state: str = "active"
    redeemed_by: int | None = None


@dataclass(slots=True)
class Tries:
    """One member's tries that still count, and the lock that they brought."""

    wrong: list[datetime] = field(default_factory=list)
    malformed: list[datetime] = field(default_factory=list)
    strikes: int = 0
    locked: bool = False
    until: datetime | None = None


@dataclass(slots=True)
class Model:
    """What must be so."""

    codes: Sequence[Code]
    batches: list[str]
    ends_at: datetime
    tries: list[Tries] = field(default_factory=lambda: [Tries() for _ in range(MEMBERS)])
    balances: list[int] = field(default_factory=lambda: [0] * MEMBERS)
    wrong_bearers: list[datetime] = field(default_factory=list)

    def answer(self, who: int, gift_code: str, at: datetime) -> tuple[Result, Mapping[str, object]]:
        """What the store must say."""
        mine = self.tries[who]
        if mine.locked and (mine.until is None or at < mine.until):
            return Result.LOCKED, {"until": mine.until and day_of(mine.until)}
        if gift_code == GUESSES["a slip"]:
            return self._refused(mine, mine.malformed, RULES.malformed_max, at)
        long = len(gift_code) > 6
        if long and sum(at - when < timedelta(minutes=10) for when in self.wrong_bearers) >= RULES.breaker_max:
            return Result.PAUSED, {}
        code = next((one for one in self.codes if one.gift_code == gift_code and one.owner in (None, who)), None)
        if code is not None and code.redeemed_by == who:
            return Result.ALREADY_YOURS, {}
        if code is None or (code.state, self.batches[code.batch]) != ("active", "active") or at >= self.ends_at:
            if long:
                self.wrong_bearers.append(at)
            return self._refused(mine, mine.wrong, RULES.wrong_max, at)
        code.state, code.redeemed_by = "redeemed", who
        self.balances[who] += 500
        return Result.REDEEMED, {"unit": "points", "amount": 500, "balance": self.balances[who]}

    def turn(self, code: Code, to: CodeState) -> bool:
        """Whether staff can bring a code to a state."""
        can = code.state in {"active": ("frozen",), "frozen": ("active",), "void": ("active", "frozen")}[to]
        code.state = to.value if can else code.state
        return can

    def _refused(
        self, mine: Tries, kind: list[datetime], most: int, at: datetime
    ) -> tuple[Result, Mapping[str, object]]:
        kind.append(at)
        if sum(at - when < DAY for when in kind) < most:
            return Result.REFUSED, {}
        longer = [timedelta(seconds=seconds) for seconds in RULES.locks_s][mine.strikes : mine.strikes + 1]
        mine.strikes, mine.locked, mine.until = mine.strikes + 1, True, at + longer[0] if longer else None
        mine.wrong.clear()
        mine.malformed.clear()
        return Result.LOCKED, {"until": mine.until and day_of(mine.until)}


@dataclass(slots=True)
class Play:
    """The model and the store side by side."""

    ledger: Ledger
    shop: Shop
    numbers: Sequence[Msisdn]
    members: Sequence[MemberId]
    issued: Sequence[Issued]
    model: Model
    at: datetime = AT
    last: Callable[[], Coroutine[None, None, Written]] | None = None
    said: Written | None = None

    async def step(self, step: tuple[object, ...]) -> None:
        """Do one thing to both."""
        match step:
            case "try", int(who), int(choice):
                known = [code.gift_code for code in self.model.codes]
                await self._try(who, (*known, *GUESSES.values())[choice])
            case ("repeat",):
                if self.last is not None and self.said is not None:
                    assert await self.last() == replace(self.said, repeated=True)
            case "wait", timedelta() as longer:
                self.at += longer
            case "turn", int(choice), CodeState() as to:
                code = self.model.codes[choice]
                serial = self.issued[code.batch].serial(code.ordinal)
                done = await codes_view.turn(self.shop.database_url, serial, serial, to, "cli:x", self.at)
                assert done.turned == self.model.turn(code, to)
            case "turn batch", int(batch), CodeState() as to:
                number = self.issued[batch].batch_id
                await codes_view.turn_batch(self.shop.database_url, number, to, "cli:x", self.at)
                self.model.batches[batch] = to.value
            case "unlock", int(who):
                await codes_view.unlock(self.shop.database_url, KEYS.numbers, self.numbers[who], "cli:x", self.at)
                self.model.tries[who] = Tries()

    async def _try(self, who: int, gift_code: str) -> None:
        key, at = f"play {next(_ordinals)}", self.at
        self.last = lambda: redeem(
            self.ledger, self.members[who], gift_code, key, at, msisdn=self.numbers[who], limits=RULES
        )
        expected = self.model.answer(who, gift_code, at)
        self.said = await self.last()
        assert (self.said.result, dict(self.said.facts)) == expected


async def begun(ledger: Ledger, shop: Shop) -> Play:
    """Members, codes and a range of numbers that nobody used before."""
    block = next(_blocks)
    numbers = [Msisdn(f"+79{block:04d}{who:05d}") for who in range(MEMBERS)]
    members = [await enrolled(ledger, msisdn) for msisdn in numbers]
    issued = [*[await shop.issue(numbers=numbers) for _ in range(BOUND)], await shop.issue(BEARERS)]
    codes = [
        Code(gift_code, place if batch < BOUND else None, batch, place + 1)
        for batch, one in enumerate(issued)
        for place, gift_code in enumerate(one.gift_codes)
    ]
    return Play(ledger, shop, numbers, members, issued, Model(codes, ["active"] * len(issued), AT + 90 * DAY))


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Shop:
    return Shop(database_url, tmp_path)


# Function-scoped fixtures are meant: every example has numbers and codes of its own in the one database.
@settings(max_examples=200 if LONG else 12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
async def test_every_answer_is_what_the_model_says(
    ledger: Ledger, shop: Shop, connection: Connection, seed: int
) -> None:
    await ledger.open(AT)
    play = await begun(ledger, shop)
    for step in steps_of(seed):
        await play.step(step)
    rows = await connection.fetch(STATES, [issued.batch_id for issued in play.issued])
    assert [(row["state"], row["redeemed_by"]) for row in rows] == [
        (code.state, None if code.redeemed_by is None else play.members[code.redeemed_by]) for code in play.model.codes
    ]
    assert await verify(shop.database_url) == ()


STATES = "select state, redeemed_by from gift_code where batch_id = any ($1) order by batch_id, ordinal"
