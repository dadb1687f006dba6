"""Keys rotate while the service runs: everything comes under the new ones, nobody becomes two members, and what dies
half-way goes on where it was.
"""

import asyncio
import itertools
from collections import Counter
from pathlib import Path

import pytest

from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import ConfigurationError
from gateway.ids import MemberId
from gateway.pack import Pack
from gateway.store import rotation
from gateway.store.ledger import Ledger
from gateway.store.rotation import Rotated, Rotation
from gateway.store.schema import holds
from gateway.store.verify import verify
from tests.crash.writes import OF_ROTATION
from tests.integration.store.rotating import Estate, holding
from tests.integration.store.traffic import AT, LASTS_MAX_S, Connection, enrolled, number, points, posted
from tests.live.waiting import until

pytestmark = pytest.mark.anyio

UNDER = """
select key_version from member_number union all select key_version from voucher
union all select content_key_version from inbox where content_cipher is not null
union all select content_key_version from inbox_part
union all select (s.value->>1)::smallint from outbox o cross join lateral jsonb_each(o.facts->'sealed') as s
           where o.facts ? 'sealed'
union all select request_key_version from deployment"""


MEMBERS, ROUNDS = 60, 100


class DeathError(Exception):
    """The command was killed."""


@pytest.fixture
def estate(database_url: str, connection: Connection, pack: Pack, tmp_path: Path) -> Estate:
    return Estate(database_url, connection, pack, tmp_path)


async def rotated(ledger: Ledger, reach: Reach = pass_by) -> Rotated:
    """By a command that waits for nobody to hear of it: who has not is refused, and asks."""
    await ledger.open(AT)
    return await Rotation(ledger, "cli:test", reach=reach).rotate(AT, heard_s=0)


def dying_at(point: CrashPoint, nth: int) -> Reach:
    """A process that is killed when it comes there the nth time."""
    arrivals = itertools.count(1)

    def reach(reached: CrashPoint) -> None:
        if reached is point and next(arrivals) == nth:
            raise DeathError

    return reach


async def under(connection: Connection) -> set[int]:
    """The versions that anything is under."""
    return {row["key_version"] for row in await connection.fetch(UNDER)}


async def test_all_comes_under_the_new_keys_and_the_old_ones_may_be_forgotten(
    estate: Estate, connection: Connection, database_url: str, pack: Pack
) -> None:
    async with holding(database_url, pack, [1]) as ledger:
        await estate.settle(ledger)
    async with holding(database_url, pack, [1, 2], named=False) as command:
        done = await rotated(command)
        assert (done.put_in_force, done.gone) == (["numbers 2"], ["numbers 1"])
        assert done.rows == await connection.fetchval(f"select count(*) - 1 from ({UNDER}) as u")
        assert await rotated(command) == Rotated([], 0, []), "there is nothing left to do"
    assert await under(connection) == {2}
    async with holding(database_url, pack, [2]) as ledger:
        await estate.is_whole(ledger)
        await estate.is_spent(ledger)
    assert await verify(database_url) == ()


async def test_a_code_key_stays_until_nothing_is_opened_with_it(estate: Estate, database_url: str, pack: Pack) -> None:
    async with holding(database_url, pack, [1]) as ledger:
        await estate.settle(ledger)
    async with holding(database_url, pack, [1], [1, 2]) as ledger:
        assert await rotated(ledger) == Rotated(["codes 2"], 0, [])
        await estate.is_whole(ledger)
        await estate.is_spent(ledger)
        assert (await rotated(ledger)).gone == [], "an order waits for its hand-over code"
        await estate.is_handed_over(ledger)
        assert (await rotated(ledger)).gone == ["codes 1"]
    async with holding(database_url, pack, [1], [2]) as ledger:
        assert await points(ledger) > 0
    async with holding(database_url, pack, [1], [1]) as ledger:
        with pytest.raises(ConfigurationError, match="lacks version 2"):
            await ledger.open(AT)


@pytest.mark.parametrize("lacks", ["numbers", "codes"])
async def test_a_gateway_that_lacks_the_version_is_named_and_nothing_changes(
    lacks: str, estate: Estate, connection: Connection, database_url: str, pack: Pack
) -> None:
    both = {"numbers": [1, 2], "codes": [1, 2]}
    async with holding(database_url, pack, [1]) as first:
        await estate.settle(first)
    async with holding(database_url, pack, **(both | {lacks: [1]})) as old:
        await old.open(AT)
        async with holding(database_url, pack, **both, named=False) as command:
            with pytest.raises(ConfigurationError, match=r"not every gateway holds.*gateway holds .*connections"):
                await rotated(command)
            async with holding(database_url, pack, **(both | {lacks: [1]})) as another:
                await another.open(AT)
            assert await under(connection) == {1}
            await another.close()
            await old.close()

            async def nobody_is_connected() -> bool:
                return await connection.fetchval("select count(*) from gateways_connected()") == 0

            await until(nobody_is_connected, "the gateways are gone")
            assert (await rotated(command)).gone == ["numbers 1"]
    async with holding(database_url, pack, **(both | {lacks: [1]})) as old:
        with pytest.raises(ConfigurationError, match="lacks version 2"):
            await old.open(AT)


async def test_a_row_that_no_key_opens_is_named_and_nothing_is_lost(
    estate: Estate, connection: Connection, database_url: str, pack: Pack
) -> None:
    async with holding(database_url, pack, [1]) as ledger:
        await estate.settle(ledger)
    voucher_id = await connection.fetchval(r"update voucher set cipher = cipher || '\x00' returning voucher_id")
    async with holding(database_url, pack, [1, 2]) as ledger:
        with pytest.raises(ConfigurationError, match=f"voucher {voucher_id} .*version 1"):
            await rotated(ledger)
        await connection.execute("update voucher set cipher = substr(cipher, 1, length(cipher) - 1)")
        assert (await rotated(ledger)).gone == ["numbers 1"]
        await estate.is_whole(ledger)


async def test_of_many_versions_the_database_sees_whether_the_newest_is_held(
    database_url: str, pack: Pack, connection: Connection
) -> None:
    """It keeps 63 octets of a name: of one that is cut, 30001 would be 3000 as well."""
    versions = range(30_001, 30_012)
    async with holding(database_url, pack, versions, [*versions, 32_000]) as ledger:
        await ledger.open(AT)
        [name] = {row["process_name"] for row in await connection.fetch("select * from gateways_connected()")}
    assert [holds(name, "numbers", one) for one in (30_011, 30_010, 32_000)] == [True, True, False]
    assert [holds(name, "codes", one) for one in (32_000, 30_011, 3200, 3_000)] == [True, True, False, False]


async def test_a_gateway_that_has_not_heard_yet_writes_no_number_under_an_old_key(
    database_url: str, pack: Pack, connection: Connection
) -> None:
    async with holding(database_url, pack, [1]) as first:
        await enrolled(first)
    async with holding(database_url, pack, [1, 2]) as slow, holding(database_url, pack, [1, 2]) as command:
        await slow.open(AT)
        assert slow.keys.current == 1
        await rotated(command)
        member_id = await enrolled(slow, number(7))
        assert slow.keys.current == 2, "it was refused, and has heard by that"
        assert await enrolled(command, number(7)) == member_id
        assert await enrolled(slow) == await enrolled(command)
    assert await connection.fetchval("select count(*) from member") == 2
    assert await under(connection) == {2}


@pytest.mark.parametrize("point", OF_ROTATION)
async def test_what_dies_half_way_goes_on_where_it_was(
    point: CrashPoint, estate: Estate, connection: Connection, database_url: str, pack: Pack
) -> None:
    async with holding(database_url, pack, [1]) as ledger:
        await estate.settle(ledger)
    for nth in range(1, OF_ROTATION[point] + 1):
        newest = nth + 1
        async with holding(database_url, pack, [nth, newest], named=False) as command:
            with pytest.raises(DeathError):
                await rotated(command, dying_at(point, nth))
        async with holding(database_url, pack, [nth, newest]) as ledger:
            await estate.is_whole(ledger)
            await rotated(ledger)
        assert await under(connection) == {newest}
    async with holding(database_url, pack, [newest]) as ledger:
        await estate.is_whole(ledger)
        await estate.is_spent(ledger)
    assert await verify(database_url) == ()


async def test_under_load_nobody_becomes_two_and_everybody_is_found(
    database_url: str, pack: Pack, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "CHUNK_MAX", 7)
    async with holding(database_url, pack, [1]) as first:
        members = {ordinal: await enrolled(first, number(ordinal)) for ordinal in range(MEMBERS)}
    async with (
        holding(database_url, pack, [1, 2]) as one,
        holding(database_url, pack, [1, 2]) as other,
        holding(database_url, pack, [1, 2], named=False) as command,
        asyncio.timeout(LASTS_MAX_S),
        asyncio.TaskGroup() as group,
    ):
        loads = [Load(ledger, members) for ledger in (one, other)]
        for load in loads:
            group.create_task(load.run())
        await asyncio.gather(*(load.until(ROUNDS) for load in loads))
        assert (await rotated(command)).gone == ["numbers 1"]
        await asyncio.gather(*(load.until(load.rounds + ROUNDS) for load in loads))
        for load in loads:
            load.is_over = True
    assert len(members) > MEMBERS, "somebody came while keys were rotated"
    assert await under(connection) == {2}
    assert await connection.fetchval("select count(*) from member") == len(members)
    async with holding(database_url, pack, [2]) as ledger:
        for ordinal, member_id in members.items():
            assert await enrolled(ledger, number(ordinal)) == member_id
            assert await points(ledger, number(ordinal)) == sum(load.posted[ordinal] for load in loads)
    assert await verify(database_url) == ()


class Load:
    """Subscribers of one gateway, one after another. Whom both gateways see first at once is one member."""

    def __init__(self, ledger: Ledger, members: dict[int, MemberId]) -> None:
        self.ledger = ledger
        self.members = members
        self.rounds = 0
        self.is_over = False
        self.gone_round = asyncio.Event()
        self.posted: Counter[int] = Counter()

    async def run(self) -> None:
        while not self.is_over:
            self.rounds += 1
            ordinal = self.rounds % (MEMBERS + self.rounds // 5)
            member_id = await enrolled(self.ledger, number(ordinal))
            assert self.members.setdefault(ordinal, member_id) == member_id, "one number, two members"
            seen = await self.ledger.member(number(ordinal), AT)
            assert seen is not None, "a member is not found"
            assert seen.member_id == member_id
            await posted(self.ledger, member_id, 1, f"{id(self)} {self.rounds}")
            self.posted[ordinal] += 1
            self.gone_round.set()

    async def until(self, rounds: int) -> None:
        while self.rounds < rounds:
            self.gone_round.clear()
            await self.gone_round.wait()
