"""The store answers as plain bookkeeping does: half of the sequences (`ledger_machine`)."""

import pytest

from gateway.pack import Pack
from tests.properties.ledger_machine import HALVES, prove


@pytest.mark.parametrize("shard", HALVES[0])
def test_the_store_answers_as_bookkeeping_does(
    shard: int, database_url: str, pack: Pack, request: pytest.FixtureRequest
) -> None:
    prove(shard, database_url, pack, request)
