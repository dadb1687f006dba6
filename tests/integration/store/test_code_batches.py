"""Batches of gift codes: issued whole or not at all, in clear in one file only, and worked with by serial number."""

import asyncio
import json
import os
import random
import stat
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gateway.errors import BadRequestError, ConfigurationError
from gateway.ids import MemberId
from gateway.loyalty.codes import Form, Serial, well_formed
from gateway.loyalty.ports import Result, Status
from gateway.store import codes, codes_view
from gateway.store.code_file import CodeFile
from gateway.store.code_keys import HANDOVER_CANDIDATES, CodeKeys
from gateway.store.codes_view import CodeState
from gateway.store.key_versions import VERSION_MAX
from gateway.store.ledger import Ledger
from gateway.store.schema import Keys
from gateway.store.tracks import Target, connect
from gateway.store.verify import verify
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.store.gift_codes import DAY, HOUR, KEYS, Shop, redeem, rows_of
from tests.integration.store.traffic import AT, NUMBER, Connection, enrolled, number
from tests.live.waiting import until

pytestmark = pytest.mark.anyio

ONE, TWO = "c0" * 32, "d1" * 32


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Shop:
    return Shop(database_url, tmp_path)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


# Keys


def test_a_digest_is_of_its_purpose_its_member_and_its_key() -> None:
    keys, both = CodeKeys.parse(f"1:{ONE}"), CodeKeys.parse(f"1:{ONE},2:{TWO}")
    everything = {
        keys.bound_digests(MemberId(1), "123456"),
        keys.bound_digests(MemberId(2), "123456"),
        keys.bound_digests(MemberId(1), "123457"),
        keys.bearer_digests("123456"),
        keys.handover_digests("123456"),
        CodeKeys.parse(f"1:{TWO}").bearer_digests("123456"),
    }
    assert len(everything) == 6
    assert both.current == 2
    assert both.bearer_digests("5")[1:] == keys.bearer_digests("5"), "newest first, and the old one still finds"
    assert {len(digest) for digest in both.bearer_digests("5")} == {16}


def test_hand_over_codes_are_of_their_member_and_their_key() -> None:
    keys = CodeKeys.parse(f"1:{ONE}")
    orders = [(MemberId(1), "order 1"), (MemberId(2), "order 1"), (MemberId(1), "order 2")]
    drawn = [keys.handovers(*one) for one in orders]
    assert drawn == [keys.handovers(*one) for one in orders]
    codes = [code for one in drawn for code in one]
    assert len(set(codes)) == len(orders) * HANDOVER_CANDIDATES
    assert {well_formed(code) for code in codes} == {Form.LONG}


@pytest.mark.parametrize(
    "text",
    ["", "1", ONE, f"1:{ONE[:-2]}", f"0:{ONE}", f"1:{ONE},1:{TWO}", f"{VERSION_MAX + 1}:{ONE}", f"1:{'z' * 64}"],
    ids=["nothing", "no key", "no version", "short", "version 0", "twice", "too high a version", "no digits"],
)
def test_keys_that_are_none_are_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="GATEWAY_CODE_KEY takes version:key") as raised:
        CodeKeys.parse(text)
    assert ONE[:-2] not in str(raised.value)
    assert ONE[:-2] not in repr(CodeKeys.parse(f"1:{ONE}"))


# Issuing


async def test_a_store_that_is_slow_for_a_moment_costs_no_batch(
    shop: Shop, connection: Connection, tmp_path: Path
) -> None:
    """A chunk that waits too long is sent again: what it may have done the first time is found done."""
    path = tmp_path / "codes.csv"
    asked = "select count(*) from pg_stat_activity where application_name = 'gateway codes' and wait_event_type = $1"

    async def waits(for_what: str) -> bool:
        return bool(await connection.fetchval(asked, for_what))

    holder = await connect(Target(shop.database_url, "test"))
    with CodeFile(path) as file:
        async with holder.transaction():
            await holder.execute("lock table gift_code")
            issuing = asyncio.create_task(
                codes.issue(shop.database_url, KEYS, shop.batch(3), file, AT, shop.chance.randrange)
            )
            await until(partial(waits, "Lock"), "the chunk waits")
            await until(partial(waits, "Client"), "it is given up")
        batch_id = await issuing
    await holder.close()
    assert [row["serial"] for row in rows_of(path)] == [str(Serial(batch_id, ordinal)) for ordinal in (1, 2, 3)]
    assert await connection.fetchval("select state from code_batch") == "active"


async def test_a_batch_is_in_its_file_and_nowhere_else_in_clear(
    shop: Shop, ledger: Ledger, connection: Connection, tmp_path: Path
) -> None:
    mask = os.umask(0)
    try:
        issued = await shop.issue(numbers=[NUMBER, number(2)])
    finally:
        os.umask(mask)
    (path,) = files(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().splitlines()[0] == "serial,gift_code,msisdn,valid_until"
    rows = rows_of(path)
    assert [row["serial"] for row in rows] == [str(issued.serial(1)), str(issued.serial(2))]
    assert [row["msisdn"] for row in rows] == [NUMBER, number(2)]
    assert {row["valid_until"] for row in rows} == {(AT + 90 * DAY).isoformat()}
    assert {well_formed(row["gift_code"]) for row in rows} == {Form.SHORT}

    await ledger.open(AT)
    written = json.dumps([dict(row) for row in await connection.fetch("select * from gift_code")], default=str)
    written += json.dumps([dict(row) for row in await connection.fetch("select * from audit_log")], default=str)
    assert not [row["gift_code"] for row in rows if row["gift_code"] in written]


async def test_who_is_sent_a_code_becomes_a_member_with_the_first_dial(
    shop: Shop, ledger: Ledger, connection: Connection
) -> None:
    issued = await shop.issue(numbers=[NUMBER])
    member = await ledger.member(NUMBER, AT)
    assert member is not None
    assert (member.status, member.terms_version) == (Status.INVITED, "")
    assert (await redeem(ledger, member.member_id, issued.gift_codes[0])).result is Result.BLOCKED
    assert await enrolled(ledger) == member.member_id, "what is bound to the number stays bound to it"
    assert (await redeem(ledger, member.member_id, issued.gift_codes[0])).result is Result.REDEEMED
    await shop.issue(numbers=[NUMBER])
    assert await connection.fetchval("select array_agg(status) from member") == ["active"]


async def test_one_number_invited_and_enrolled_at_once_is_one_member(
    shop: Shop, ledger: Ledger, connection: Connection
) -> None:
    await ledger.open(AT)
    numbers = [number(ordinal) for ordinal in range(200)]
    await asyncio.gather(
        shop.issue(numbers=numbers),
        shop.issue(numbers=numbers[::-1]),
        *(enrolled(ledger, number(ordinal)) for ordinal in range(0, 200, 7)),
    )
    members, codes_made = await connection.fetchrow(
        "select (select count(*) from member_number), (select count(distinct member_id) from gift_code)"
    )
    assert (members, codes_made) == (200, 200)
    assert await connection.fetchval("select count(*) from member") == 200


@pytest.mark.parametrize(
    ("changes", "numbers", "says"),
    [
        pytest.param({"digits": 6}, 0, "must be bound with --bind", id="six digits for anybody"),
        pytest.param({"digits": 7}, 2, "6 digits, or from 10 to 20", id="seven digits"),
        pytest.param({"digits": 21}, 0, "6 digits, or from 10 to 20", id="twenty-one digits"),
        pytest.param({"count": 3}, 2, "--count says 3, and the file of --bind has 2", id="another count"),
        pytest.param({"count": 1_000_001}, 0, "from 1 to 1000000 codes", id="too many"),
        pytest.param({"count": 90_001}, 0, "issue longer ones with --digits", id="so many that one could be guessed"),
    ],
)
async def test_a_batch_that_must_not_be_leaves_nothing(
    shop: Shop, connection: Connection, tmp_path: Path, changes: dict[str, int], numbers: int, says: str
) -> None:
    with pytest.raises(BadRequestError, match=says):
        await shop.issue(numbers=[number(ordinal) for ordinal in range(numbers)], **changes)
    assert files(tmp_path) == []
    assert await connection.fetchval("select count(*) from code_batch") == 0


class DiedError(Exception):
    """The command, in the middle of its work."""


async def test_what_dies_on_the_way_leaves_no_code_that_works_and_no_file(
    shop: Shop, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "CHUNK_MAX", 2)
    chunks = iter(range(2))

    def die_after_the_second(_: int) -> None:
        if next(chunks) == 1:
            raise DiedError

    with pytest.raises(DiedError), CodeFile(tmp_path / "codes.csv") as file:
        await codes.issue(shop.database_url, KEYS, shop.batch(6), file, AT, shop.chance.randrange, die_after_the_second)
    assert files(tmp_path) == []
    assert await connection.fetchval("select state from code_batch") == "issuing"
    assert await connection.fetchval("select count(*) from gift_code") == 4


async def test_a_batch_that_is_made_void_while_it_is_issued_stays_void(
    shop: Shop, connection: Connection, tmp_path: Path
) -> None:
    await connection.execute(STOPPED_AT_ONCE)
    with pytest.raises(BadRequestError, match="was made void"):
        await shop.issue(3)
    assert files(tmp_path) == []
    assert await connection.fetchval("select state from code_batch") == "void"


STOPPED_AT_ONCE = """
create function stop() returns trigger language plpgsql as $$
begin
  update code_batch set state = 'void';
  return null;
end $$;
create trigger stop after insert on gift_code for each statement execute function stop()"""


async def test_codes_that_work_are_in_a_file_whatever_becomes_of_its_name(
    shop: Shop, connection: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "codes.csv"
    with (
        pytest.raises(ConfigurationError, match=r"the codes are issued, in .*codes\.csv\.partial"),
        CodeFile(path) as file,
    ):
        await codes.issue(
            shop.database_url, KEYS, shop.batch(2), file, AT, shop.chance.randrange, lambda _: path.write_text("theirs")
        )
    assert await connection.fetchval("select state from code_batch") == "active"
    assert len(rows_of(file.partial)) == 2
    assert path.read_text() == "theirs"


async def test_a_file_that_is_there_is_not_written_over(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already"):
        CodeFile(path).__enter__()
    path.rename(tmp_path / "codes.csv.partial")
    with pytest.raises(ConfigurationError, match="another command writes it, or one broke off"):
        CodeFile(path).__enter__()
    assert (tmp_path / "codes.csv.partial").read_text() == "mine"


async def test_codes_that_somebody_has_are_drawn_again(shop: Shop) -> None:
    """A number never gets two codes of the same digits, and no two bearer codes are the same, batch or no batch."""
    first = await shop.issue(numbers=[NUMBER])
    repeating = iter([int(first.gift_codes[0]), int(first.gift_codes[0]), 7, 7, 8])
    shop = replace(shop, chance=Foreseen(repeating))
    second, third = await shop.issue(numbers=[NUMBER]), await shop.issue(numbers=[number(2), NUMBER])
    assert [second.gift_codes, third.gift_codes] == [["000007"], ["000007", "000008"]]

    shop = replace(shop, chance=Foreseen(iter([1, 1, 2, 2, 1, 2, 3])))
    bearers = await shop.issue(3)
    assert sorted(code[:-1] for code in bearers.gift_codes) == ["100000001", "100000002", "100000003"]
    assert await verify(shop.database_url) == ()


class Foreseen(random.Random):
    """Draws what it is told to."""

    def __init__(self, draws: Iterator[int]) -> None:
        super().__init__()
        self._draws = draws

    def randrange(self, *_: object) -> int:  # type: ignore[override]  # one bound is all that is asked for
        return next(self._draws)


async def test_a_code_of_an_older_key_is_known_to_a_newer_one(
    shop: Shop, ledger: Ledger, connection: Connection
) -> None:
    newer = Keys.parse(NUMBER_KEYS, f"{CODE_KEY},2:{TWO}")
    old = await shop.issue(numbers=[NUMBER])
    shop = replace(shop, chance=Foreseen(iter([int(old.gift_codes[0]), 7])))
    await connection.execute("update code_key set in_force = false")
    await connection.execute("insert into code_key values (2, $1, true)", newer.codes.checks()[2])
    assert (await shop.issue(numbers=[NUMBER], keys=newer)).gift_codes == ["000007"]
    with pytest.raises(ConfigurationError, match=r"GATEWAY_CODE_KEY .* lacks version 2"):
        await shop.issue(numbers=[NUMBER])
    with pytest.raises(ConfigurationError, match=r"GATEWAY_CODE_KEY .* lacks version 1"):
        await shop.issue(numbers=[NUMBER], keys=Keys.parse(NUMBER_KEYS, f"1:{TWO},2:{TWO}"))
    with pytest.raises(ConfigurationError, match="GATEWAY_NUMBER_KEYS"):
        await shop.issue(numbers=[NUMBER], keys=Keys.parse(f"1:{TWO}", CODE_KEY))


async def test_bearer_codes_are_counted_over_all_batches_that_live(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "bearer_codes_max", lambda _: 10)
    first = await shop.issue(6)
    await shop.issue(4, digits=11)
    with pytest.raises(BadRequestError, match="more than 10 bearer codes of 10 digits"):
        await shop.issue(5)
    await codes_view.turn_batch(shop.database_url, first.batch_id, CodeState.VOID, "cli:x", AT)
    await shop.issue(5)
    await shop.issue(10, at=AT + 91 * DAY)


# Staff


async def test_a_range_is_frozen_unfrozen_and_void(shop: Shop, ledger: Ledger, connection: Connection) -> None:
    issued = await shop.issue(numbers=[number(ordinal) for ordinal in range(5)])
    first, last = issued.serial(2), issued.serial(4)

    async def turned(to: CodeState) -> tuple[int, int]:
        done = await codes_view.turn(shop.database_url, first, last, to, "cli:boss", AT)
        return done.turned, done.left_alone

    assert await turned(CodeState.ACTIVE) == (0, 3)
    assert await turned(CodeState.FROZEN) == (3, 0)
    assert await turned(CodeState.ACTIVE) == (3, 0)
    await ledger.open(AT)
    assert (await redeem(ledger, await enrolled(ledger, number(2)), issued.gift_codes[2])).result is Result.REDEEMED
    assert await turned(CodeState.VOID) == (2, 1)
    assert await turned(CodeState.FROZEN) == (0, 3)
    states = await connection.fetchval("select array_agg(state order by ordinal) from gift_code")
    assert states == ["active", "void", "redeemed", "void", "active"]
    acts = await connection.fetch("select actor, facts from audit_log where action = 'turn_codes' order by audit_id")
    assert [(row["actor"], json.loads(row["facts"])["became"]) for row in acts] == [
        ("cli:boss", "frozen"),
        ("cli:boss", "active"),
        ("cli:boss", "void"),
    ]


async def test_a_long_range_is_turned_in_steps(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes_view, "TURNED_MAX", 2)
    issued = await shop.issue(5)
    done = await codes_view.turn(shop.database_url, issued.serial(1), issued.serial(5), CodeState.VOID, "cli:x", AT)
    assert (done.turned, done.left_alone) == (5, 0)


async def test_a_range_that_is_none(shop: Shop) -> None:
    one, two = await shop.issue(2), await shop.issue(2)
    for first, last, says in (
        (one.serial(1), two.serial(2), "is no range"),
        (one.serial(2), one.serial(1), "is no range"),
        (one.serial(1), one.serial(3), f"there is no code {one.serial(3)}"),
    ):
        with pytest.raises(BadRequestError, match=says):
            await codes_view.turn(shop.database_url, first, last, CodeState.FROZEN, "cli:x", AT)
    assert await codes_view.turn_batch(shop.database_url, one.batch_id, CodeState.FROZEN, "cli:x", AT) == (
        "frozen",
        True,
    )
    with pytest.raises(BadRequestError, match="there is no batch 99"):
        await codes_view.turn_batch(shop.database_url, 99, CodeState.FROZEN, "cli:x", AT)


async def test_staff_see_batches_and_codes_but_no_code(shop: Shop, ledger: Ledger) -> None:
    issued = await shop.issue(numbers=[NUMBER, number(2)])
    await ledger.open(AT)
    member_id = await enrolled(ledger)
    await redeem(ledger, member_id, issued.gift_codes[0], at=AT + HOUR)
    (batch,) = await codes_view.listed(shop.database_url, 10)
    assert (batch.batch_id, batch.grants, batch.count, batch.redeemed, batch.frozen, batch.void) == (
        issued.batch_id, "points=500", 2, 1, 0, 0,
    )  # fmt: skip
    code = await codes_view.shown(shop.database_url, KEYS.numbers, issued.serial(1))
    assert code is not None
    assert (code.state, code.msisdn, code.member_id, code.redeemed_at) == (
        "redeemed", "+7921*****01", member_id, AT + HOUR,
    )  # fmt: skip
    assert issued.gift_codes[0] not in repr(code)
    assert await codes_view.shown(shop.database_url, KEYS.numbers, issued.serial(3)) is None
