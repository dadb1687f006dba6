"""The contract of `SessionPort`, over Valkey alone and as a cluster."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.ids import SessionUid
from gateway.state.client import StateClient
from gateway.state.sessions import EARLIER_BYTES_MAX, Sessions, stored_name
from gateway.ussd.message import REPEAT_WITHIN_S, HopIdentity, Profile, UssdReply
from gateway.ussd.sessions import HopStatus, OpenedHop, SessionKey

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
HISTORY = Profile(hop_identity=HopIdentity.HISTORY, answer_s=0.3, idle_s=60, total_s=180)
NONE = replace(HISTORY, hop_identity=HopIdentity.NONE)
SEQUENCE = replace(HISTORY, hop_identity=HopIdentity.SEQUENCE)
TRANSACTION = replace(HISTORY, hop_identity=HopIdentity.TRANSACTION)
HOME, NEXT = UssdReply("У вас 500 баллов", ends=False), UssdReply("История", ends=False)
LAST = UssdReply("До встречи", ends=True)
STATE = b'["digest","ru"]'
BYTES_MAX = 600
"""What a session may take: 100,000 of them in 60 MB."""
ORDINARY_SCREEN = "У вас 1 500 баллов\n1 Баланс и сроки\n2 История\n3 English\n4 Помощь"
POLL_S = 0.01
SLACK_S = 2.0
"""How much later than promised a loaded machine may notice."""

BY_IDENTITY = pytest.mark.parametrize("profile", [HISTORY, NONE], ids=["history", "none"])
IDENTIFIED = pytest.mark.parametrize("identity", [i for i in HopIdentity if i is not HopIdentity.NONE])


@dataclass
class Session:
    """One session, opened and saved as a conversation does it."""

    sessions: Sessions
    key: SessionKey
    profile: Profile = HISTORY

    async def open(
        self, hop: str, *, after_s: float = 0, opening: bool | None = None, token: str | None = None
    ) -> OpenedHop:
        at, fresh = AT + timedelta(seconds=after_s), SessionUid(token or secrets.token_hex(8))
        is_opening = hop == "" if opening is None else opening
        return await self.sessions.open(self.key, hop, self.profile, at, fresh, opening=is_opening)

    async def save(
        self, opened: OpenedHop, hop: str, reply: UssdReply = HOME, *, after_s: float = 0, state: bytes = STATE
    ) -> UssdReply:
        at = AT + timedelta(seconds=after_s)
        return await self.sessions.save(self.key, opened, hop, self.profile, at, reply, state)

    async def answer(self, hop: str, reply: UssdReply = HOME, *, after_s: float = 0) -> OpenedHop:
        """Open a hop that is ours to answer, and answer it."""
        opened = await self.open(hop, after_s=after_s)
        assert opened.status in {HopStatus.NEW, HopStatus.LIVE}, opened
        assert await self.save(opened, hop, reply, after_s=after_s) == reply
        return opened


_names = itertools.count()


@pytest.fixture
def session(sessions: Sessions) -> Session:
    return Session(sessions, SessionKey(f"ussd:{{{next(_names):032x}}}"))


async def first_other(ask: Callable[[], Awaitable[OpenedHop]], than: HopStatus) -> tuple[OpenedHop, float]:
    """Ask until the answer is another; that answer, and how long it took. For what real time must pass."""
    started = time.monotonic()
    while (opened := await ask()).status is than:
        assert time.monotonic() < started + 2 * SLACK_S, f"still {than}"
        await asyncio.sleep(POLL_S)
    return opened, time.monotonic() - started


@BY_IDENTITY
async def test_a_hop_is_answered_once_and_remembered(session: Session, profile: Profile) -> None:
    session.profile = profile
    opened = await session.open("")
    assert (opened.status, opened.version, opened.hop, opened.state, opened.reply) == (HopStatus.NEW, 0, "", b"", None)
    await session.save(opened, "")
    again = await session.open("")
    assert (again.status, again.uid, again.version, again.reply) == (HopStatus.REPLAY, opened.uid, 1, HOME)
    following = await session.open("1")
    assert (following.status, following.uid, following.state) == (HopStatus.LIVE, opened.uid, STATE)
    assert (following.version, following.hop, following.reply) == (1, "", HOME)


async def test_while_a_hop_is_answered_its_copies_and_the_next_hop_wait(session: Session) -> None:
    opened = await session.open("")
    assert [(await session.open(hop)).status for hop in ("", "1")] == [HopStatus.BUSY, HopStatus.BUSY]
    await session.save(opened, "")
    assert [(await session.open(hop)).status for hop in ("", "1")] == [HopStatus.REPLAY, HopStatus.LIVE]


@BY_IDENTITY
async def test_a_script_that_was_sent_twice_does_not_wait_for_itself(session: Session, profile: Profile) -> None:
    session.profile = profile
    first, twice = await session.open("", token="a" * 16), await session.open("", token="a" * 16)
    assert first.uid == twice.uid == "a" * 16
    assert twice.status in {HopStatus.NEW, HopStatus.LIVE}
    assert (twice.version, twice.state) == (0, b"")


async def test_a_save_that_was_sent_twice_is_one_answer(session: Session) -> None:
    opened = await session.open("")
    assert [await session.save(opened, ""), await session.save(opened, "")] == [HOME, HOME]
    assert (await session.open("")).version == 1


async def test_a_dead_holder_keeps_a_hop_no_longer_than_its_lease(session: Session) -> None:
    dead = await session.open("")
    taken, waited_s = await first_other(lambda: session.open(""), HopStatus.BUSY)
    assert HISTORY.answer_s - 0.1 < waited_s < HISTORY.answer_s + 0.5
    assert (taken.status, taken.uid, taken.version) == (HopStatus.LIVE, dead.uid, 0), "the keys of its calls stay"


async def test_who_comes_second_gets_the_winners_reply(session: Session) -> None:
    slow = await session.open("")
    fast, _ = await first_other(lambda: session.open(""), HopStatus.BUSY)
    assert await session.save(fast, "", NEXT) == NEXT
    assert await session.save(slow, "", HOME) == NEXT
    assert (await session.open("")).reply == NEXT


async def test_a_hop_given_back_is_free_at_once_under_the_same_uid(session: Session) -> None:
    opened = await session.open("")
    await session.sessions.release(session.key, opened)
    again = await session.open("")
    assert (again.status, again.uid, again.version) == (HopStatus.LIVE, opened.uid, 0)


async def test_giving_back_late_takes_nothing_from_whoever_answered(session: Session) -> None:
    opened = await session.answer("")
    following = await session.open("1")
    await session.sessions.release(session.key, opened)
    assert (await session.open("1")).status is HopStatus.BUSY
    assert await session.save(following, "1", NEXT) == NEXT


async def test_an_ended_session_repeats_its_last_screen_and_takes_nothing_more(session: Session) -> None:
    await session.answer("")
    await session.answer("1", LAST)
    repeated = await session.open("1")
    assert (repeated.status, repeated.reply) == (HopStatus.REPLAY, LAST)
    assert (await session.open("1*2")).status is HopStatus.DONE


@pytest.mark.parametrize("reply", [HOME, LAST], ids=["living", "ended"])
@IDENTIFIED
async def test_with_identified_hops_a_second_opening_is_a_repeat(
    session: Session, identity: HopIdentity, reply: UssdReply
) -> None:
    session.profile = replace(HISTORY, hop_identity=identity)
    await session.answer("", reply)
    assert (await session.open("")).status is HopStatus.REPLAY


@BY_IDENTITY
async def test_dialling_after_the_end_begins_a_new_session(session: Session, profile: Profile) -> None:
    session.profile = profile
    first = await session.answer("")
    await session.answer("1", LAST)
    again = await session.open("")
    assert (again.status, again.version, again.state, again.reply) == (HopStatus.NEW, 0, b"", None)
    assert again.uid != first.uid


async def test_without_identity_the_same_bytes_are_a_repeat_for_a_moment(session: Session) -> None:
    session.profile = NONE
    first = await session.answer("")
    assert (await session.open("")).status is HopStatus.REPLAY
    second, waited_s = await first_other(lambda: session.open(""), HopStatus.REPLAY)
    assert waited_s < REPEAT_WITHIN_S + SLACK_S
    assert second.status is HopStatus.NEW, "an opening after that is a new session"
    assert second.uid != first.uid


async def test_without_identity_a_key_pressed_again_after_a_moment_is_a_new_hop(session: Session) -> None:
    session.profile = NONE
    await session.answer("")
    pressed = await session.answer("1", NEXT)
    again, _ = await first_other(lambda: session.open("1"), HopStatus.REPLAY)
    assert (again.status, again.uid, again.version) == (HopStatus.LIVE, pressed.uid, 2)


async def test_with_history_a_repeat_stays_one_however_late(session: Session) -> None:
    await session.answer("")
    assert (await session.open("", after_s=HISTORY.idle_s - 1)).status is HopStatus.REPLAY


NUMBERED = pytest.mark.parametrize(
    ("profile", "hops"),
    [
        pytest.param(SEQUENCE, ["1", "9", "10"], id="a sequence, numbered from the opening on"),
        pytest.param(SEQUENCE, ["", "0", "1"], id="a sequence, numbered after the opening"),
        pytest.param(TRANSACTION, ["7c", "0a", "f3"], id="transactions"),
    ],
)


@NUMBERED
async def test_a_numbered_hop_is_a_repeat_for_as_long_as_the_session_lives(
    session: Session, profile: Profile, hops: list[str]
) -> None:
    session.profile = profile
    opening, second, third = hops
    opened = await session.open(opening, opening=True)
    await session.save(opened, opening)
    assert (await session.open(opening, opening=True, after_s=profile.idle_s - 1)).status is HopStatus.REPLAY
    await session.answer(second, NEXT)
    repeated = await session.open(second, after_s=profile.idle_s - 1)
    assert (repeated.status, repeated.uid, repeated.reply) == (HopStatus.REPLAY, opened.uid, NEXT)
    assert (await session.open(third)).status is HopStatus.LIVE


@NUMBERED
async def test_a_late_copy_of_an_earlier_hop_is_known_and_holds_up_nobody(
    session: Session, profile: Profile, hops: list[str]
) -> None:
    session.profile = profile
    opening, second, third = hops
    opened = await session.open(opening, opening=True)
    await session.save(opened, opening)
    await session.answer(second, NEXT)
    late = await session.open(opening, opening=True)
    assert (late.status, late.uid, late.reply) == (HopStatus.LATE, opened.uid, NEXT)
    await session.answer(third)
    assert (await session.open(second)).status is HopStatus.LATE
    assert (await session.open(opening, opening=True)).status is HopStatus.LATE
    await session.answer("11", NEXT)


@NUMBERED
async def test_a_copy_of_an_earlier_hop_waits_while_a_later_one_is_answered(
    session: Session, profile: Profile, hops: list[str]
) -> None:
    session.profile = profile
    opening, second, _ = hops
    opened = await session.open(opening, opening=True)
    await session.save(opened, opening)
    following = await session.open(second)
    assert (await session.open(opening, opening=True)).status is HopStatus.BUSY
    await session.save(following, second, NEXT)
    assert (await session.open(opening, opening=True)).reply == NEXT


@NUMBERED
async def test_a_hop_that_was_never_answered_is_not_late(session: Session, profile: Profile, hops: list[str]) -> None:
    session.profile = profile
    opening, second, _ = hops
    opened = await session.open(opening, opening=True)
    await session.sessions.release(session.key, opened)
    again = await session.open(opening, opening=True)
    assert (again.status, again.uid) == (HopStatus.LIVE, opened.uid)
    await session.save(again, opening)
    following = await session.open(second)
    await session.sessions.release(session.key, following)
    assert (await session.open(second)).status is HopStatus.LIVE


@NUMBERED
async def test_with_numbered_hops_dialling_after_the_end_begins_anew(
    session: Session, profile: Profile, hops: list[str]
) -> None:
    session.profile = profile
    opening, second, _ = hops
    opened = await session.open(opening, opening=True)
    await session.save(opened, opening)
    await session.answer(second, LAST)
    again = await session.open(opening, opening=True)
    assert (again.status, again.version, again.state) == (HopStatus.NEW, 0, b"")
    assert again.uid != opened.uid


async def test_the_ids_of_transactions_are_kept_up_to_a_limit(session: Session) -> None:
    session.profile = TRANSACTION
    ids = [f"{number:036x}" for number in range(EARLIER_BYTES_MAX // 37 + 2)]
    opened = await session.open(ids[0], opening=True)
    await session.save(opened, ids[0])
    for each in ids[1:]:
        await session.answer(each)
    assert {(await session.open(each)).status for each in ids[1:-1]} == {HopStatus.LATE}
    assert (await session.open(ids[0])).status is HopStatus.LIVE, "the oldest gives way"


@pytest.mark.parametrize(
    ("hops", "after_s", "status"),
    [
        pytest.param([0], 59, HopStatus.LIVE, id="before idle"),
        pytest.param([0], 60, HopStatus.DONE, id="idle"),
        pytest.param([0, 50, 100, 150], 179, HopStatus.LIVE, id="before the total"),
        pytest.param([0, 50, 100, 150], 180, HopStatus.DONE, id="the total, though it was never idle"),
    ],
)
async def test_a_session_ends_in_programme_time(
    session: Session, hops: list[int], after_s: int, status: HopStatus
) -> None:
    for hop, moment in enumerate(hops):
        await session.answer("1" * hop, after_s=moment)
    assert (await session.open("9", after_s=after_s)).status is status


async def test_an_opening_after_the_end_is_a_new_session(session: Session) -> None:
    first = await session.answer("")
    again = await session.open("", after_s=HISTORY.total_s, opening=True)
    assert again.status is HopStatus.NEW
    assert again.uid != first.uid


async def test_a_session_closed_by_the_network_takes_nothing_more(session: Session) -> None:
    opened = await session.answer("")
    closed = await session.sessions.close(session.key)
    assert closed is not None
    assert closed[0] == opened.uid
    assert (await session.open("1")).status is HopStatus.DONE
    assert (await session.open("")).reply == HOME, "the last screen is still repeated"


async def test_closing_while_a_hop_is_answered_ends_the_session_after_it(session: Session) -> None:
    opened = await session.open("")
    await session.sessions.close(session.key)
    assert await session.save(opened, "") == HOME
    assert (await session.open("1")).status is HopStatus.DONE


async def test_closing_what_nobody_knows_is_nothing(session: Session) -> None:
    assert await session.sessions.close(session.key) is None


async def test_an_answer_for_a_session_that_was_lost_is_still_given(session: Session, client: StateClient) -> None:
    opened = await session.open("")
    await client.run("DEL", stored_name(session.key))
    assert await session.save(opened, "") == HOME
    assert (await session.open("")).status is HopStatus.NEW


async def test_a_session_fits_its_memory_and_is_collected(session: Session, client: StateClient) -> None:
    opened = await session.open("")
    await session.save(opened, "1*2*3", UssdReply(ORDINARY_SCREEN, ends=False), state=b"x" * 300)
    assert await client.run("MEMORY", "USAGE", stored_name(session.key)) <= BYTES_MAX
    assert 0 < await client.run("PTTL", stored_name(session.key)) <= 15 * 60 * 1000


async def test_a_session_lives_until_it_is_over(session: Session) -> None:
    sessions, key = session.sessions, session.key
    assert not await sessions.lives(key, AT), "nobody has opened it"
    await session.answer("")
    assert await sessions.lives(key, AT + timedelta(seconds=59))
    assert not await sessions.lives(key, AT + timedelta(seconds=60)), "its time is up"
    await session.answer("1", LAST, after_s=1)
    assert not await sessions.lives(key, AT + timedelta(seconds=2)), "it has ended"


async def test_a_session_that_the_other_side_ended_lives_no_more(session: Session) -> None:
    await session.answer("")
    await session.sessions.close(session.key)
    assert not await session.sessions.lives(session.key, AT)


async def test_a_name_leads_to_the_session_that_bore_it_last(session: Session) -> None:
    sessions, name = session.sessions, SessionKey(f"{session.key} by its id")
    assert await sessions.led(name) is None
    for key in (SessionKey(f"{session.key} of Anna"), SessionKey(f"{session.key} of Boris")):
        await sessions.lead(name, key)
        assert await sessions.led(name) == key
    assert await sessions.led(session.key) is None, "a session leads nowhere"
