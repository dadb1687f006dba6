"""A member as staff sees one: the whole account at a moment, read without writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.errors import StoreUnavailableError
from gateway.msisdn import Msisdn
from gateway.store import urls
from gateway.store.numbers import NumberKeys
from gateway.store.tables import AccountRow, LotRow, MemberRow, NumberRow
from gateway.store.tracks import Target, connect


@dataclass(frozen=True, slots=True)
class LotView:
    """One lot. `expired`: past its date at the moment of looking, whether or not the sweep has come by."""

    unit: str
    amount: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None
    expired: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member. `balances` are what can be spent at the moment of looking, by unit."""

    msisdn: Msisdn
    member_id: int
    status: str
    language: str
    tier: str | None
    segments: list[str]
    enrolled_at: datetime
    terms_version: str
    balances: dict[str, int]
    lots: list[LotView]


async def show(database_url: str, keys: NumberKeys, msisdn: Msisdn, at: datetime) -> MemberView | None:
    """The member with this number, or None. Raises `StoreUnavailableError`, and `ConfigurationError` for the URL."""
    engine = urls.engine(lambda: connect(Target(database_url, "gateway members show")))
    try:
        async with AsyncSession(engine) as session:
            return await _show(session, keys.digests(msisdn), msisdn, at)
    except (OSError, DBAPIError) as error:
        raise StoreUnavailableError(f"PostgreSQL does not answer: {type(error).__name__}") from None
    finally:
        await engine.dispose()


async def _show(session: AsyncSession, digests: Sequence[bytes], msisdn: Msisdn, at: datetime) -> MemberView | None:
    found = await session.exec(
        select(MemberRow)
        .join(NumberRow, col(NumberRow.member_id) == col(MemberRow.member_id))
        .where(col(NumberRow.number_digest).in_(digests))
    )
    member = found.first()
    if member is None:
        return None
    theirs = member.member_id
    accounts = await session.exec(select(AccountRow).where(AccountRow.member_id == theirs))
    live = select(LotRow).where(LotRow.member_id == theirs, LotRow.remaining > 0)
    rows = await session.exec(live.order_by(col(LotRow.unit), col(LotRow.lot_id)))
    lots = [
        LotView(
            row.unit,
            row.amount,
            row.remaining,
            row.earned_at,
            row.expires_at,
            row.expires_at is not None and row.expires_at <= at,
        )
        for row in rows
    ]
    balances = {
        account.unit: sum(lot.remaining for lot in lots if lot.unit == account.unit and not lot.expired) - account.held
        for account in accounts
    }
    return MemberView(
        msisdn,
        member.member_id,
        member.status,
        member.language,
        member.tier,
        member.segments,
        member.enrolled_at,
        member.terms_version,
        balances,
        lots,
    )
