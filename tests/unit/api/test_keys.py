"""Whose key it is, and for how long that is believed."""

from collections.abc import Sequence

import pytest
from pydantic import SecretStr

from gateway.api import keys
from gateway.api.keys import REMEMBERED_S, Client, KeyRing
from gateway.http.access import ApiKeys, Caller
from gateway.settings import ApiKey, Scope
from gateway.store.api_keys import KeyTable, StoredKey, digest_of

pytestmark = pytest.mark.anyio

EVENTS, MEMBERS = frozenset({Scope.EVENTS}), frozenset({Scope.MEMBERS})


class Table(KeyTable):
    """The keys of the database, in memory, counting who asks."""

    def __init__(self, **stored: StoredKey) -> None:
        self.stored = {digest_of(secret): key for secret, key in stored.items()}
        self.asked: list[bytes] = []

    async def find(self, digest: bytes) -> StoredKey | None:  # type: ignore[override]  # a plain call stands for its batch
        self.asked.append(digest)
        return self.stored.get(digest)


class Clock:
    """Machine time as a test wants it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def ring(table: Table, clock: Clock, configured: Sequence[ApiKey] = ()) -> KeyRing:
    return KeyRing(ApiKeys(tuple(configured), local_only=False), table, clock)


def caller(secret: str | None) -> Caller:
    return Caller("192.0.2.1", {} if secret is None else {"x-api-key": secret}, b"")


async def test_a_key_of_the_settings_asks_no_database() -> None:
    table = Table()
    found = await ring(table, Clock(), [ApiKey("crm", SecretStr("s"), EVENTS)]).client(caller("s"))
    assert (found, table.asked) == (Client("crm", EVENTS), [])


async def test_an_answer_is_believed_for_its_time_and_no_longer() -> None:
    table, clock = Table(s=StoredKey("care", MEMBERS)), Clock()
    keyring = ring(table, clock)
    assert await keyring.client(caller("s")) == Client("care", MEMBERS)
    table.stored.clear()
    clock.now_s += REMEMBERED_S - 0.01
    assert await keyring.client(caller("s")) == Client("care", MEMBERS)
    clock.now_s += 0.01
    assert await keyring.client(caller("s")) is None
    assert len(table.asked) == 2


@pytest.mark.parametrize("secret", [None, "", "x" * 201])
async def test_what_is_no_secret_asks_nobody(secret: str | None) -> None:
    table = Table()
    assert await ring(table, Clock()).client(caller(secret)) is None
    assert table.asked == []


async def test_wrong_secrets_are_remembered_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "REMEMBERED_MAX", 3)
    table = Table()
    keyring = ring(table, Clock())
    for secret in ("a", "b", "c", "a", "d", "a"):
        assert await keyring.client(caller(secret)) is None
    assert len(table.asked) == 5, "a again, and after the fourth stranger once more"
