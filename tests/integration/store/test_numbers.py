"""A subscriber's number at rest: found only by who has the keys, and written nowhere in clear."""

import asyncio
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag

from gateway.errors import ConfigurationError
from gateway.loyalty.writes import ChooseLanguage
from gateway.msisdn import Msisdn
from gateway.store.key_versions import VERSION_MAX
from gateway.store.ledger import Ledger
from gateway.store.members import show
from gateway.store.numbers import NumberKeys
from tests.integration.store.traffic import (
    AT,
    NUMBER,
    NUMBER_KEYS,
    POINTS,
    Connection,
    blocking,
    charge,
    deciding,
    earning,
    enrolled,
    key,
    number,
    posted,
)

ONE, TWO = "5a" * 32, "c3" * 32

COLUMNS = """
select table_name, column_name from information_schema.columns
 where table_schema = 'public' and data_type in ('text', 'character varying', 'bytea', 'jsonb', 'json', 'ARRAY')"""


def test_a_number_comes_back_and_is_found() -> None:
    keys = NumberKeys.parse(f"1:{ONE}")
    cipher = keys.encrypt(NUMBER)
    assert keys.decrypt(cipher, 1, keys.digests(NUMBER)[0]) == NUMBER
    assert keys.encrypt(NUMBER) != cipher, "each row has a nonce of its own"
    assert keys.digests(NUMBER)[0] == NumberKeys.parse(f"1:{ONE}").digests(NUMBER)[0]
    assert keys.digests(NUMBER)[0] != NumberKeys.parse(f"1:{TWO}").digests(NUMBER)[0]
    assert keys.digests(NUMBER)[0] != keys.digests(number(2))[0]


def test_the_highest_version_is_in_use_and_older_ones_still_read() -> None:
    old, both = NumberKeys.parse(f"1:{ONE}"), NumberKeys.parse(f"2:{TWO},1:{ONE}")
    assert both.current == 2
    assert both.decrypt(old.encrypt(NUMBER), 1, old.digests(NUMBER)[0]) == NUMBER
    assert both.digests(NUMBER)[0] == NumberKeys.parse(f"2:{TWO}").digests(NUMBER)[0]


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(lambda cipher, digest: (cipher[:-1] + bytes([cipher[-1] ^ 1]), digest), id="the cipher"),
        pytest.param(lambda cipher, digest: (bytes([cipher[0] ^ 1]) + cipher[1:], digest), id="the nonce"),
        pytest.param(lambda cipher, digest: (cipher, bytes(16)), id="the digest of another"),
        pytest.param(lambda cipher, digest: (cipher[:20], digest), id="cut short"),
    ],
)
def test_a_tampered_row_is_refused(tamper: object) -> None:
    keys = NumberKeys.parse(f"1:{ONE}")
    assert callable(tamper)
    cipher, digest = tamper(keys.encrypt(NUMBER), keys.digests(NUMBER)[0])
    with pytest.raises(InvalidTag):
        keys.decrypt(cipher, 1, digest)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(ONE, id="no version"),
        pytest.param(f"one:{ONE}", id="version in letters"),
        pytest.param(f"0:{ONE}", id="version 0"),
        pytest.param(f"{VERSION_MAX + 1}:{ONE}", id="one past the last version"),
        pytest.param(f"1:{ONE[:-2]}", id="too short"),
        pytest.param(f"1:{ONE}5a", id="too long"),
        pytest.param(f"1:{ONE[:-2]}zz", id="no hexadecimal"),
        pytest.param(f"1:{ONE},", id="nothing after the comma"),
        pytest.param(f"1:{ONE},1:{TWO}", id="a version twice"),
    ],
)
def test_wrong_keys_say_what_is_wanted_and_show_nothing(text: str) -> None:
    with pytest.raises(ConfigurationError, match="GATEWAY_NUMBER_KEYS takes version:key") as refusal:
        NumberKeys.parse(text)
    assert "openssl rand -hex 32" in str(refusal.value)
    assert ONE[:8] not in str(refusal.value)
    assert refusal.value.__cause__ is None, "the cause would repeat the key"


def test_keys_do_not_show_themselves() -> None:
    keys = NumberKeys.parse(f"{VERSION_MAX}:{ONE}")
    assert ONE not in repr(keys) + str(vars(keys)), "the key itself is not kept"


@pytest.mark.anyio
async def test_no_number_is_anywhere_in_clear(ledger: Ledger, connection: Connection) -> None:
    numbers = [number(4_000_000 + ordinal) for ordinal in range(5)]
    members = [await enrolled(ledger, msisdn) for msisdn in numbers]
    for ordinal, (msisdn, member_id) in enumerate(zip(numbers, members, strict=True)):
        await asyncio.gather(
            posted(ledger, member_id, 5, ordinal),
            ledger.write(ChooseLanguage(member_id, "en", key(f"language:{ordinal}")), AT),
            ledger.record_event(charge(f"a{ordinal}", msisdn), deciding(member_id, earning(3)), AT),
            ledger.record_event(charge(f"b{ordinal}", msisdn), blocking(member_id), AT),
        )
    columns = await connection.fetch(COLUMNS)
    assert {"member_number", "transfer", "source_event", "idempotency"} <= {row["table_name"] for row in columns}
    found = [
        f"{table}.{column}"
        for table, column in columns
        for (value,) in await connection.fetch(f'select "{column}"::text from "{table}" where "{column}" is not null')
        for msisdn in numbers
        if _shows(value, msisdn)
    ]
    assert found == []


def _shows(value: str, msisdn: Msisdn) -> bool:
    """Whether the number stands there, as text or as a bytea's hexadecimal digits."""
    national = msisdn[-10:]
    return national in value or national.encode().hex() in value


@pytest.mark.anyio
async def test_staff_see_a_member_by_number(ledger: Ledger, database_url: str) -> None:
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 5, "a")
    await ledger.post(member_id, replace(earning(7), expires_at=None), key("b"), "test", AT)
    keys = NumberKeys.parse(NUMBER_KEYS)
    view = await show(database_url, keys, NUMBER, AT)
    assert view is not None
    assert (view.member_id, view.status, view.language, view.balances) == (member_id, "active", "ru", {POINTS: 12})
    assert [(lot.amount, lot.expired) for lot in view.lots] == [(5, False), (7, False)]
    expires_at = view.lots[0].expires_at
    assert expires_at is not None
    later = await show(database_url, keys, NUMBER, expires_at)
    assert later is not None
    assert (later.balances, [lot.expired for lot in later.lots]) == ({POINTS: 7}, [True, False])
    assert await show(database_url, keys, number(404), AT) is None
    assert await show(database_url, NumberKeys.parse(f"1:{TWO}"), NUMBER, AT) is None, "another key finds nobody"
