"""The back office of a database of its own."""

from collections.abc import AsyncIterator

import pytest

from gateway.pack import Pack
from tests.integration.api.office import Office, application, running


@pytest.fixture
async def office(database_url: str, redis_url: str, pack: Pack) -> AsyncIterator[Office]:
    """The whole application over a real database, with keys of every kind."""
    async with running(application(database_url, redis_url, pack)) as one:
        yield one
