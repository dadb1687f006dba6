"""Sessions as a USSD gateway sees them: two real gateway processes over the same servers, Valkey alone and as a
cluster of three masters."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from tests.live.network import Event, Network, new_number, new_session, walk
from tests.live.processes import Gateway, Ground
from tests.live.valkeys import Cluster

pytestmark = pytest.mark.anyio

COPIES = 10
SESSIONS, FEWER = 500, 100
"""At once, over two gateways and over one."""
MISHAPS = ("none", "none", "copied", "late")
AT_ONCE = 20
"""Hops under way together, as from a USSD gateway with so many connections."""
DAY_S = 86_400

WALKS = (("1", "0", "3", "1"), ("2", "0", "4"), ("3", "3", "2"), ("7", "1", "00"), ("4", "0", "0", "1", "9"))
"""What subscribers press, wrong keys among it."""

NEAR = pytest.param([0], id="one gateway")
SPREAD = pytest.param([0, 1], id="two gateways")
OVER = pytest.mark.parametrize("over", [NEAR, SPREAD])


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground(tmp_path_factory.mktemp("ground")) as ground:
        yield ground


@pytest.fixture(scope="module", params=["alone", "cluster"])
def gateways(
    request: pytest.FixtureRequest, ground: Ground, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Gateway]]:
    """Two gateways over one database and one Valkey."""
    folder = tmp_path_factory.mktemp("gateways")
    with ExitStack() as stack:
        settings = dict(ground.settings)
        if request.param == "cluster":
            settings["GATEWAY_REDIS_URL"] = stack.enter_context(Cluster(folder)).url
        started = [stack.enter_context(Gateway(folder, settings)) for _ in range(2)]
        for gateway in started:
            gateway.start()
        yield started


@pytest.fixture
async def network(gateways: list[Gateway]) -> AsyncIterator[Network]:
    async with Network(*(gateway.url for gateway in gateways)) as network:
        await network.until_ready()
        yield network


@OVER
@pytest.mark.parametrize("keys", [[], ["1"], ["3"]], ids=["an opening", "a key", "a change of language"])
async def test_copies_that_come_at_once_get_one_answer(network: Network, over: list[int], keys: list[str]) -> None:
    msisdn, session = new_number(), new_session()
    history = "*".join(keys)
    if keys:
        await network.screen(msisdn, session, "")
    answers = await asyncio.gather(
        *(network.hop(msisdn, session, history, over=over[copy % len(over)]) for copy in range(COPIES))
    )
    alone = (await walk(network, new_number(), new_session(), keys))[-1]
    assert {(answer.status, answer.screen) for answer in answers} == {(200, alone)}


@OVER
async def test_a_repeated_hop_gets_the_stored_bytes(network: Network, over: list[int]) -> None:
    msisdn, session = new_number(), new_session()
    dialled = await network.screen(msisdn, session, "")
    await network.event(Event(session, "top_up", msisdn, 50_000))
    assert await network.screen(msisdn, session, "", over=over[-1]) == dialled, "a copy shows what the first one showed"
    assert "1 000" in (await network.screen(msisdn, session, "1", over=over[-1])).replace("\u00a0", " ")


@OVER
async def test_a_repeat_of_an_earlier_hop_moves_nobody(network: Network, over: list[int]) -> None:
    msisdn, session = new_number(), new_session()
    *_, english, expiry = await walk(network, msisdn, session, ["3", "1"])
    assert await network.screen(msisdn, session, "3", over=over[-1]) == expiry, "the screen that stands now"
    assert await network.screen(msisdn, session, "3*1*0", over=over[-1]) == english


@OVER
async def test_an_id_that_comes_round_the_next_day_begins_a_new_session(network: Network, over: list[int]) -> None:
    msisdn, session = new_number(), new_session()
    await walk(network, msisdn, session, ["3", "1"])
    await network.advance(DAY_S)
    assert await network.screen(msisdn, session, "", over=over[-1]) == await network.screen(msisdn, new_session(), "")
    (home, expiry) = await walk(network, msisdn, new_session(), ["1"])
    assert await network.screen(msisdn, session, "1", over=over[-1]) == expiry != home


@OVER
async def test_a_session_that_the_network_ended_is_over(network: Network, over: list[int]) -> None:
    msisdn, session = new_number(), new_session()
    dialled = await network.screen(msisdn, session, "")
    assert await network.close_session(msisdn, session) == 200
    assert await network.screen(msisdn, session, "", over=over[-1]) == dialled
    assert (await network.screen(msisdn, session, "1", over=over[-1])).startswith("END ")


@OVER
async def test_an_id_of_somebody_else_opens_nothing_of_theirs(network: Network, over: list[int]) -> None:
    session = new_session()
    mine = await walk(network, new_number(), session, ["3", "1"])
    theirs = await network.screen(new_number(), session, "", over=over[-1])
    assert theirs == mine[0], "they dialled, and are at the beginning"


@OVER
async def test_interleaved_sessions_see_what_each_would_have_seen_alone(network: Network, over: list[int]) -> None:
    """Whatever else comes: some hops come twice at once, and behind some comes an old one again."""
    alone = {keys: await walk(network, new_number(), new_session(), keys) for keys in WALKS}
    places = asyncio.Semaphore(AT_ONCE)
    draw = random.Random(SESSIONS)
    wanted = SESSIONS if len(over) > 1 else FEWER
    sessions = [(WALKS[number % len(WALKS)], new_number(), new_session()) for number in range(wanted)]
    shown: list[list[str]] = [[] for _ in sessions]
    strays: list[tuple[int, int, str]] = []

    async def seen(number: int, count: int, through: int) -> str:
        keys, msisdn, session = sessions[number]
        async with places:
            return await network.screen(msisdn, session, "*".join(keys[:count]), over=over[through % len(over)])

    async def hop(number: int, count: int, mishap: str) -> None:
        first, *others = await asyncio.gather(
            *(seen(number, count, number + count + copy) for copy in range(2 if mishap == "copied" else 1))
        )
        shown[number].append(first)
        strays.extend((number, count, other) for other in others if other != first)
        if mishap == "late" and count:
            stands = await seen(number, draw.randrange(count), number)
            strays.extend((number, count, stands) for _ in range(stands != first))

    for count in range(max(map(len, WALKS)) + 1):
        turn = [number for number, (keys, *_) in enumerate(sessions) if count <= len(keys)]
        draw.shuffle(turn)
        await asyncio.gather(*(hop(number, count, draw.choice(MISHAPS)) for number in turn))
    wrong = [keys for (keys, *_), screens in zip(sessions, shown, strict=True) if screens != alone[keys]]
    assert wrong == []
    assert strays == [], "a copy shows what the first one showed, and an old hop what stands"
