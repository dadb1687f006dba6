"""One billing for the module's tests, with empty books for each."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from gateway.store.ledger import Ledger
from gateway.store.tracks import Target, connect
from tests.integration.fulfilment.scene import Scene
from tests.live.billing import Billing


@pytest.fixture(scope="module")
async def billing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Billing]:
    async with Billing(tmp_path_factory.mktemp("billing")) as running:
        yield running


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    opened = await connect(Target(database_url, "test"))
    yield opened
    await opened.close()


@pytest.fixture
async def scene(ledger: Ledger, database_url: str, connection: "asyncpg.Connection[Any]", billing: Billing) -> Scene:
    await billing.forget()
    await billing.behave()
    return Scene(ledger, database_url, connection, billing)
