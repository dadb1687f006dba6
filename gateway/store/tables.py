"""The tables as administrative queries read them. Hot statements and all writes go through the primitives."""

from datetime import datetime

from sqlalchemy import ARRAY, DateTime, Text
from sqlmodel import Field, SQLModel


class MemberRow(SQLModel, table=True):
    """Who a member is."""

    __tablename__ = "member"

    member_id: int = Field(primary_key=True)
    status: str
    language: str
    enrolled_at: datetime = Field(sa_type=DateTime(timezone=True))
    terms_version: str
    tier: str | None
    segments: list[str] = Field(sa_type=ARRAY(Text))


class NumberRow(SQLModel, table=True):
    """The way from a number's digest to its member."""

    __tablename__ = "member_number"

    member_id: int = Field(primary_key=True)
    number_digest: bytes


class AccountRow(SQLModel, table=True):
    """The sums of one unit."""

    __tablename__ = "account"

    member_id: int = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    posted: int
    held: int


class LotRow(SQLModel, table=True):
    """What was earned together and expires together."""

    __tablename__ = "lot"

    member_id: int = Field(primary_key=True)
    lot_id: int = Field(primary_key=True)
    unit: str
    amount: int
    remaining: int
    earned_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime | None = Field(sa_type=DateTime(timezone=True))
