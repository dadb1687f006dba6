"""Accounts as the command line has them."""

import pytest

from simulator.errors import SimulatorError
from simulator.smsc.command import accounts_of


def test_accounts() -> None:
    assert accounts_of(["bolshe:a:b", "other:"]) == {"bolshe": "a:b", "other": ""}
    assert accounts_of([]) == {}


@pytest.mark.parametrize("written", ["bolshe", ":pass", ""])
def test_an_account_that_is_none(written: str) -> None:
    with pytest.raises(SimulatorError, match="system_id:password"):
        accounts_of([written])
