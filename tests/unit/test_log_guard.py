"""The guard that reads the logs of the whole run would see a leak, and nothing else."""

from collections.abc import Callable

import pytest

Leaks = Callable[[str], list[str]]


@pytest.mark.parametrize(
    "line",
    [
        '{"msisdn": "+79210000001"}',
        "number 79210000001 refused",
        "phoneNumber=89210000001&text=",
        "subscriber 9210000001",
        "+254711000001",
        "keys 1:" + "5A" * 32,
        "0123456789abcdef" * 4,
        "password hunter2",
        '{"text": "Баланс"}',
        "You have 4,387 points",
    ],
)
def test_a_leak_is_seen(leaks_of: Leaks, line: str) -> None:
    assert len(leaks_of(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"msisdn": "+7921*****01", "session": "9210000001abcdef", "ms": 9.2100000011}',
        '{"timestamp": "2026-11-21T21:33:08.256679Z", "pack": "868076b67ebaa601"}',
        "",
    ],
)
def test_what_is_masked_passes(leaks_of: Leaks, line: str) -> None:
    assert leaks_of(line) == []
