"""A scene for each test: a database and an SMSC of its own."""

from collections.abc import AsyncIterator

import pytest

from gateway.pack import Pack
from gateway.store.ledger import Ledger
from tests.integration.sms.scene import Scene, scene


@pytest.fixture
async def stage(ledger: Ledger, database_url: str, pack: Pack) -> AsyncIterator[Scene]:
    async with scene(ledger, database_url, pack) as set_:
        yield set_
