"""Gift codes for the store's tests: issued into a real file, redeemed through a real ledger, in few words."""

import csv
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway.ids import MemberId
from gateway.loyalty.code_limits import CodeLimits
from gateway.loyalty.codes import Serial, number_range
from gateway.loyalty.ports import Result, Written
from gateway.loyalty.writes import RedeemCode, Told
from gateway.msisdn import Msisdn
from gateway.store import codes
from gateway.store.code_file import CodeFile
from gateway.store.codes import CodeBatch
from gateway.store.ledger import Ledger
from gateway.store.schema import Keys
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.store.traffic import AT, NUMBER, YEAR, Connection, key

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIME_ZONE = "Europe/Moscow"
"""In which a member is told a day."""
KEYS = Keys.parse(NUMBER_KEYS, CODE_KEY)
POINTS_500: Mapping[str, Any] = {"unit": "points", "amount": 500}
LIMITS = CodeLimits(
    wrong_max=5,
    wrong_window_s=86_400,
    malformed_max=20,
    malformed_window_s=86_400,
    locks_s=(24 * 3600, 72 * 3600),
    breaker_max=100,
    breaker_window_s=600,
)
REFUSED, LOCKED = Result.REFUSED, Result.LOCKED

_ordinals = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A batch that was issued, with its codes in the order of their serial numbers."""

    batch_id: int
    gift_codes: Sequence[str]

    def serial(self, ordinal: int) -> Serial:
        return Serial(self.batch_id, ordinal)


@dataclass(frozen=True, slots=True)
class Shop:
    """Issues batches into files of one folder."""

    database_url: str
    folder: Path
    chance: random.Random = field(default_factory=lambda: random.Random(4))

    def batch(
        self, count: int | None = None, numbers: Sequence[Msisdn] = (), at: datetime = AT, **changes: Any
    ) -> CodeBatch:
        """500 points for 90 days: six digits for each of these numbers, or so many bearer codes of ten."""
        ordinal = next(_ordinals)
        usual = CodeBatch(
            key=f"batch {ordinal}",
            campaign="spring",
            grants=POINTS_500,
            digits=6 if numbers else 10,
            count=count or len(numbers) or 1,
            numbers=numbers,
            language="ru",
            valid_from=at,
            valid_until=at + 90 * DAY,
            issued_by="cli:test",
        )
        return replace(usual, **changes)

    async def issue(
        self,
        count: int | None = None,
        numbers: Sequence[Msisdn] = (),
        at: datetime = AT,
        *,
        keys: Keys = KEYS,
        **changes: Any,
    ) -> Issued:
        """Such a batch, issued."""
        path = self.folder / f"codes-{next(_ordinals)}.csv"
        batch = self.batch(count, numbers, at, **changes)
        with CodeFile(path) as file:
            batch_id = await codes.issue(self.database_url, keys, batch, file, at, self.chance.randrange)
        return Issued(batch_id, [row["gift_code"] for row in rows_of(path)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="ascii", newline="") as lines:
        return list(csv.DictReader(lines))


def day_of(moment: datetime) -> str:
    """The day as a member is told it: the programme's, and not UTC's."""
    return moment.astimezone(ZoneInfo(TIME_ZONE)).date().isoformat()


async def redeem(
    ledger: Ledger,
    member_id: MemberId,
    gift_code: str,
    ordinal: object = None,
    at: datetime = AT,
    *,
    channel: str = "ussd",
    msisdn: Msisdn = NUMBER,
    limits: CodeLimits = LIMITS,
    told: Mapping[str, Told] | None = None,
) -> Written:
    """One try, under a key of its own unless an `ordinal` says which."""
    write = RedeemCode(
        member_id=member_id,
        gift_code=gift_code,
        number_range=number_range(msisdn),
        channel=channel,
        key=key(f"redeem {next(_ordinals)}" if ordinal is None else ordinal),
        limits=limits,
        time_zone=TIME_ZONE,
        expires_at={"points": at + YEAR, "gift_units": None},
        told=told or {},
    )
    return await ledger.write(write, at)


async def tries(
    ledger: Ledger, member_id: MemberId, count: int, at: datetime = AT, gift_code: str = "999999"
) -> list[Result]:
    """So many wrong tries, one after another."""
    return [(await redeem(ledger, member_id, gift_code, at=at)).result for _ in range(count)]


async def causes(connection: Connection, member_id: MemberId) -> list[str]:
    """Why this member's tries were refused, as only staff may know."""
    rows = await connection.fetch(REFUSALS, f"member:{member_id}")
    return [row["cause"] for row in rows]


REFUSALS = """
select facts->>'cause' as cause from audit_log where action = 'refuse_code' and subject = $1 order by audit_id"""
