"""A connection beside the ledger's, as an operator at the database would have it."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from gateway.store.tracks import Target, connect


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    opened = await connect(Target(database_url, "test"))
    yield opened
    await opened.close()
