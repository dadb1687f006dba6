"""The stack that most would write: FastAPI with `Form`, a SQLModel session, redis-py; one indexed read, one session."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Form
from fastapi.responses import PlainTextResponse
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

engine = create_async_engine(os.environ["BENCH_DATABASE_URL"], pool_size=10)
redis = Redis.from_url(os.environ["BENCH_REDIS_URL"])
app = FastAPI()


class Balance(SQLModel, table=True):
    """One row a number."""

    __tablename__ = "bench_balance"

    msisdn: str = Field(primary_key=True)
    points: int


async def session() -> AsyncIterator[AsyncSession]:
    """A session a request, as the documentation shows."""
    async with AsyncSession(engine) as opened:
        yield opened


@app.post("/ussd/africastalking", response_class=PlainTextResponse)
async def hop(
    sessionId: Annotated[str, Form()],  # noqa: N803 - the gateway's own field names
    phoneNumber: Annotated[str, Form()],  # noqa: N803 - likewise
    store: Annotated[AsyncSession, Depends(session)],
    text: Annotated[str, Form()] = "",
) -> str:
    """One hop: session, balance, session, screen."""
    await redis.get(f"bench:{sessionId}")
    row = (await store.exec(select(Balance).where(Balance.msisdn == phoneNumber))).one()
    await redis.set(f"bench:{sessionId}", text or "home", ex=180)
    return f"CON You have {row.points} points\n1 Balance and expiry\n2 History\n3 Language\n4 Help"
