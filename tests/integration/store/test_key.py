"""A database under another key: nobody is enrolled a second time."""

import asyncpg
import pytest

from gateway.errors import ConfigurationError
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from tests.conftest import open_ledger
from tests.integration.store.traffic import AT, NUMBER, enrolled

pytestmark = pytest.mark.anyio


async def test_another_key_makes_no_second_member(ledger: Ledger, database_url: str, pack: Pack) -> None:
    await ledger.open(AT)
    await enrolled(ledger)
    other = open_ledger(database_url, pack, number_keys="1:" + "6b" * 32)
    try:
        with pytest.raises(ConfigurationError, match="not the key"):
            await other.member(NUMBER, AT)
    finally:
        await other.close()
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("select count(*) from member") == 1
    await connection.close()
