"""Faults of links over real TCP, each with the count that it must end with: nothing lost, nothing of what was answered
sent again, and no more in doubt than a window held."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
import pytest

from gateway.messaging import Messaging
from gateway.smpp.links import parse
from gateway.smpp.pdu.messages import Unbind
from gateway.sms.kinds import ADVERTISING, REPLY, VOUCHER, Kind
from simulator.smsc.server import Server
from tests.conftest import LONG, open_ledger
from tests.integration.sms.scene import Scene
from tests.integration.sms.test_long_texts import STOP_AND_MORE, pieces, said, send

pytestmark = pytest.mark.anyio

THROTTLED, PER_S = (1000, 10) if LONG else (200, 40)
"""Messages, and how many of them an SMSC takes in a second."""
CAMPAIGN = 50_000 if LONG else 3_000
CAMPAIGN_TPS = 20
BETWEEN_MAX = 3 * CAMPAIGN_TPS
"""Advertising that may go between a text and its answer: three seconds of it."""
TEXTING = 30
WINDOW, ANSWERED = 50, 20
PATIENCE_S = 600.0 if LONG else 120.0

_numbers = count(79215000000)


def phones(wanted: int) -> list[str]:
    return [f"+{next(_numbers)}" for _ in range(wanted)]


async def agreed(stage: Scene, numbers: Sequence[str]) -> None:
    """These phones are members who agree to advertising."""
    async with stage.gateway():
        for number in numbers:
            stage.text("Старт", to="1414", msisdn=number)
        await stage.until(lambda: all(stage.words(number) for number in numbers), "all agree")
        await stage.quiet()


async def put(stage: Scene, kind: Kind, members: range, *, each: int = 1) -> None:
    """Messages to these members, by the order in which they came, one round after the other; what they say counts the
    rounds: `У вас 7 баллов`."""
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute(
            """insert into outbox (member_id, smsc, short_number, kind, lane, when_in_doubt, reply, outcome, facts,
                                   language, pack_version_id, at, expires_at, state)
               select m.member_id, 'test', '6111', $1, $2, $3, 'points', 'balance',
                      jsonb_build_object('points', n, 'points_expiring', 0, 'points_expires_on', null),
                      'ru', (select max(pack_version_id) from pack_version), $4, $4::timestamptz + interval '9 minutes',
                      'queued'
                 from generate_series(1, $7::integer) as n
                cross join (select member_id from member order by member_id offset $5 limit $6) as m
                order by n, m.member_id""",
            kind.name, str(kind.lane), str(kind.when_in_doubt), stage.clock.now, members.start, len(members), each,
        )  # fmt: skip
    finally:
        await connection.close()


def counted(stage: Scene, number: str) -> list[int]:
    """What the messages on a phone count, in the order in which they came."""
    words = [text.replace("\u00a0", " ") for text in stage.words(number) if text.startswith("У вас")]
    return [int("".join(filter(str.isdigit, text.split("балл")[0]))) for text in words]


async def states(stage: Scene) -> Counter[tuple[str, str, int]]:
    """How many messages of which kind stand where, with how often they were in doubt."""
    connection = await asyncpg.connect(stage.database_url)
    try:
        rows = await connection.fetch("select kind, state, doubts from outbox where reply = 'points'")
    finally:
        await connection.close()
    return Counter((row["kind"], row["state"], row["doubts"]) for row in rows)


async def until_states(stage: Scene, expected: dict[tuple[str, str, int], int]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while await states(stage) != Counter(expected):  # noqa: ASYNC110 - the outbox tells nobody but who asks
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not {expected} but {await states(stage)}") from None


@asynccontextmanager
async def linked(stage: Scene, ports: Sequence[int], query: str) -> AsyncIterator[Messaging]:
    """A gateway with a link to each of these ports, all of one account."""
    links = (f"smpp://test:s3cret@127.0.0.1:{port}?smsc=test&{query}" for port in ports)
    ledger = open_ledger(stage.database_url, stage.pack)
    messaging = stage.messaging(parse(",".join(links)), stage.pack, ledger)
    try:
        await ledger.open(stage.clock.now)
        async with messaging.running():
            yield messaging
    finally:
        await ledger.close()


@asynccontextmanager
async def listening(stage: Scene, port: socket.socket) -> AsyncIterator[None]:
    """The SMSC is there on that port as well; at the end of the context it is gone from it."""
    before = stage.server
    stage.server = Server(stage.centre)
    try:
        async with stage.server.listening(port):
            yield
    finally:
        stage.server = before


def reserved() -> socket.socket:
    """A port where nobody listens yet: whoever connects is refused."""
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    return found


async def test_throttling_loses_nothing_and_keeps_each_number_in_order(stage: Scene) -> None:
    numbers = phones(20)
    await agreed(stage, numbers)
    each = THROTTLED // len(numbers)
    await put(stage, REPLY, range(20), each=each)
    stage.order(throttle_per_s=PER_S)
    async with stage.gateway():
        await until_states(stage, {("reply", "delivered", 0): THROTTLED})
    for number in numbers:
        assert counted(stage, number) == list(range(1, each + 1)), "each once, in its order"


async def test_a_link_that_dies_leaves_its_window_in_doubt_and_no_more(stage: Scene) -> None:
    """Link A answers 20, takes 30 more and dies. The 20 never go again; of the 30 each kind has its way, and a receipt
    of A's that comes by B is as good as an answer."""
    await agreed(stage, phones(30))
    one, other = reserved(), reserved()
    ports = [port.getsockname()[1] for port in (one, other)]
    async with linked(stage, ports, f"window={WINDOW}&response_s=600&bind_s=1") as messaging:
        before = stage.centre.messages.count
        async with listening(stage, one):
            await stage.until(lambda: messaging.links[0].is_bound, "A is bound")
            await put(stage, REPLY, range(20))
            await until_states(stage, {("reply", "delivered", 0): ANSWERED})
            stage.order(silence=True)
            for place, kind in enumerate((REPLY, VOUCHER, ADVERTISING)):
                await put(stage, kind, range(10 * place, 10 * place + 10))
            await stage.until(lambda: stage.centre.messages.count - before == WINDOW, "30 more are taken")
        doubted = {
            ("reply", "in_doubt", 1): 10,
            ("voucher", "in_doubt", 1): 10,
            ("advertising", "failed", 1): 10,
        }
        await until_states(stage, {("reply", "delivered", 0): ANSWERED, **doubted})
        async with listening(stage, other):
            stage.order(silence=False)
            await stage.until(lambda: messaging.links[1].is_bound, "B is bound")
            ends = {
                ("reply", "delivered", 1): 10,
                ("voucher", "delivered", 1): 10,
                ("advertising", "failed", 1): 10,
            }
            await until_states(stage, {("reply", "delivered", 0): ANSWERED, **ends})
        assert stage.centre.messages.count - before == WINDOW + 10, "only replies went twice"


async def test_a_goodbye_in_the_middle_of_a_window(stage: Scene) -> None:
    """The SMSC unbinds while it owes answers: what it owes is in doubt, the rest goes over the next bind."""
    await agreed(stage, phones(20))
    async with stage.gateway(f"window={WINDOW}&response_s=600"):
        before = stage.centre.messages.count
        stage.order(answer_delay_s=3600)
        await put(stage, REPLY, range(10))
        await stage.until(lambda: stage.centre.messages.count - before == 10, "a window is under way")
        stage.order(answer_delay_s=0)
        (session,) = stage.centre.sessions
        session.send(Unbind(session.next_sequence()))
        stage.server.flush()
        await put(stage, REPLY, range(10, 20))
        await until_states(stage, {("reply", "delivered", 1): 10, ("reply", "delivered", 0): 10})
    assert stage.centre.messages.count - before == 30


async def test_long_texts_of_two_phones_over_two_binds_and_a_restart(stage: Scene) -> None:
    """Three parts each, one reference, interleaved over two binds, one part twice, a restart in between."""
    one, other = phones(2)
    leaves = pieces(STOP_AND_MORE[:190], 5)
    comes = pieces(STOP_AND_MORE[:190].replace("стоп", "старт"), 5)
    assert (len(leaves), len(comes)) == (3, 3)
    async with stage.gateway("binds=2"):
        send(stage, leaves[2:], one)
        send(stage, comes[:1], other)
        send(stage, leaves[2:], one)
        send(stage, comes[2:], other)
        await stage.quiet()
    sessions = {seen.session for seen in stage.centre.trace.after(0, None)}
    assert len(sessions) == 2, "both binds were used"
    async with stage.gateway("binds=2"):
        send(stage, comes[1:2], other)
        send(stage, leaves[:1], one)
        send(stage, leaves[1:2], one)
        (left,), (came,) = await stage.answered(1, one), await stage.answered(1, other)
    assert left.startswith("Рекламы больше не будет")
    assert came.startswith("Вы имели в виду «Старт»"), "a consent is one word alone (decision 0011)"
    assert sorted(await said(stage)) == ["consent:withdrawn", "help:suggested"]


async def test_a_campaign_does_not_delay_an_answer(stage: Scene) -> None:
    """However much waits, an answer goes within three seconds of the link's own rate: that is counted in messages that
    overtake it, so that a slow machine says the same."""
    await agreed(stage, phones(100))
    await put(stage, ADVERTISING, range(100), each=CAMPAIGN // 100)
    texting = phones(TEXTING)
    async with stage.gateway(f"tps={CAMPAIGN_TPS}"):
        overtaken = []
        for number in texting:
            before = stage.centre.messages.count
            stage.text("Баланс", msisdn=number)
            await stage.until(lambda number=number: bool(stage.words(number)), "an answer")  # type: ignore[misc]  # its default
            overtaken.append(stage.centre.messages.count - before - 1)
        assert (await states(stage))[("advertising", "queued", 0)] > CAMPAIGN // 4, "the campaign was over too soon"
    overtaken.sort()
    assert overtaken[len(overtaken) * 95 // 100] <= BETWEEN_MAX, overtaken
