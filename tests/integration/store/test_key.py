"""A database under another key: nobody is enrolled a second time."""

import asyncio

import asyncpg
import pytest

from gateway.errors import ConfigurationError
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from gateway.store.schema import Agreed
from tests.conftest import open_ledger
from tests.integration.store.traffic import AT, NUMBER, enrolled

pytestmark = pytest.mark.anyio


async def test_another_key_makes_no_second_member(ledger: Ledger, database_url: str, pack: Pack) -> None:
    await ledger.open(AT)
    await enrolled(ledger)
    other = open_ledger(database_url, pack, number_keys="1:" + "6b" * 32)
    try:
        with pytest.raises(ConfigurationError, match="has another key of that name"):
            await other.member(NUMBER, AT)
    finally:
        await other.close()
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("select count(*) from member") == 1
    await connection.close()


async def test_all_who_come_first_at_once_share_one_opening(
    ledger: Ledger, database_url: str, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreements, agree = [], Ledger.agree

    async def counted(self: Ledger) -> Agreed:
        agreements.append(self)
        return await agree(self)

    monkeypatch.setattr(Ledger, "agree", counted)
    assert len(set(await asyncio.gather(*(ledger.open(AT) for _ in range(1000))))) == 1
    assert agreements == [ledger]
    other = open_ledger(database_url, pack, number_keys="1:" + "6b" * 32)
    try:
        for _ in range(2):
            refused = await asyncio.gather(*(other.open(AT) for _ in range(1000)), return_exceptions=True)
            assert all(isinstance(error, ConfigurationError) for error in refused)
    finally:
        await other.close()
    assert agreements == [ledger, other, other], "a refusal is not kept: whoever comes later asks again"
