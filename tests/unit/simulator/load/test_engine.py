"""The open loop in virtual time: starts are made when they are due, stalls are seen, every fault is found and named."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.load.engine import REST_S, Ending
from simulator.load.measure import Stream, Wait
from simulator.load.story import Stories
from simulator.load.wrong import Wrong, WrongError
from tests.unit.simulator.load.town import FIRST, STORIES, TEXTS, Town, engine, loaded, plan, stories_in
from tests.unit.simulator.load.virtual import played

ONE_LOOKS = STORIES[: STORIES.index("  - story: pays")]
"""Only the first story: one hop a session."""


@pytest.fixture
def stories(tmp_path: Path) -> Stories:
    return stories_in(tmp_path)


@pytest.fixture
def looks(tmp_path: Path) -> Stories:
    return stories_in(tmp_path, ONE_LOOKS)


def test_all_is_right_against_a_right_gateway(stories: Stories) -> None:
    town = Town()
    load = loaded(town, stories, plan())
    assert load.measure.wrong_count == 0, load.measure.faults
    assert (load.measure.starts[Stream.SESSIONS].due, load.measure.starts[Stream.SESSIONS].made) == (100, 100)
    assert sum(story.played for story in load.measure.stories.values()) == 100
    assert load.measure.stories.keys() == {"looks", "pays"}
    assert len(town.closed) == 100, "the application is told of each session's end"
    assert load.phones.busy == 0


def test_starts_are_made_when_they_are_due_while_the_gateway_is_stalled(looks: Stories) -> None:
    """Nothing is answered before the moment 5, as by a process that was frozen."""
    town = Town(takes=lambda at: max(5.0 - at, 0.01))
    load = loaded(town, looks, plan())
    assert town.arrived_at == pytest.approx([place / 10 for place in range(100)])
    assert load.measure.starts[Stream.SESSIONS].held == 1


def test_a_stall_is_counted_for_everybody_whom_it_kept_waiting(looks: Stories) -> None:
    """Half of the sessions begin within it: a closed loop would have seen one slow reply and 99 quick ones."""
    load = loaded(Town(takes=lambda at: max(5.0 - at, 0.01)), looks, plan())
    screens = load.measure.waits[Wait.SCREEN]
    assert screens.longest == pytest.approx(5.0)
    assert screens.percentile(0.9) == pytest.approx(4.0, rel=0.02)
    assert screens.percentile(0.75) == pytest.approx(2.5, rel=0.03)
    assert screens.percentile(0.49) == pytest.approx(0.01, rel=0.01)


def test_a_reply_is_timed_from_when_it_was_due_though_we_are_late(looks: Stories) -> None:
    """Something holds up our own loop for three seconds: the sessions of that time waited."""

    async def work() -> tuple[float, float]:
        load = engine(Town(), looks, plan())
        loop = asyncio.get_running_loop()

        def hold_up() -> None:
            loop._leaping.at += 3.0  # type: ignore[attr-defined]  # the virtual loop's own clock

        loop.call_later(4.95, hold_up)
        await load.run()
        assert load.measure.starts[Stream.SESSIONS].late == 20, "the last second's worth of them was in time"
        return load.measure.waits[Wait.SCREEN].longest, load.measure.lag.longest

    longest, lag = played(work())
    assert longest == pytest.approx(2.96, abs=0.02)
    assert lag == pytest.approx(2.95, abs=0.02)


def test_overload_is_refused_and_counted(looks: Stories) -> None:
    """Ten a second that take 5 s each are 50 at once, and there are 20 phones."""
    load = loaded(Town(takes=lambda at: 5.0), looks, plan(phones=20))
    starts = load.measure.starts[Stream.SESSIONS]
    assert (starts.due, starts.refused) == (100, 60)
    assert starts.held < 0.5
    assert load.measure.wrong_count == 0
    assert max(slot.under_way for slot in load.measure.slots) == 20


def _nothing(msisdn: str, screen: str) -> str:
    return screen


@pytest.mark.parametrize(
    ("town", "kind", "words"),
    [
        pytest.param(
            Town(shows=lambda msisdn, screen: screen.replace("1 More", "1 Less")),
            Wrong.SCREEN,
            ["looks, step 1, dial *123#, from +7999", "this is not home", "| 1 More", "| 1 Less"],
            id="another screen",
        ),
        pytest.param(
            Town(shows=lambda msisdn, screen: screen.replace("have 0", "have 1")),
            Wrong.BOOKS,
            ["points is 0 by the books, and 1 is shown", "| You have 1"],
            id="another balance",
        ),
        pytest.param(
            Town(shows=lambda msisdn, screen: screen.replace("CON", "END")),
            Wrong.SCREEN,
            ["the session ended, unlike expected"],
            id="an end",
        ),
        pytest.param(
            Town(shows=lambda msisdn, screen: screen + "\n" + "x" * 200), Wrong.CUT_OFF, ["/182 GSM-7"], id="too long"
        ),
        pytest.param(Town(status=503), Wrong.NO_REPLY, ["HTTP 503"], id="no screen"),
        pytest.param(Town(note_status=500), Wrong.NO_REPLY, ["refused the note"], id="a note that is refused"),
    ],
)
def test_a_wrong_reply_is_found_and_named(looks: Stories, town: Town, kind: Wrong, words: list[str]) -> None:
    load = loaded(town, looks, plan(for_s=1))
    assert load.measure.wrong == {kind: 10}
    for word in words:
        assert word in load.measure.faults[0].text


def test_points_that_are_lost_are_found_by_the_books(stories: Stories) -> None:
    """The gateway forgets one top-up of many: exactly one member sees a wrong balance."""

    class Forgetful(Town):
        async def tell(self, msisdn, happening):  # type: ignore[no-untyped-def]  # as above it
            if msisdn != f"+{FIRST + 7}":
                await super().tell(msisdn, happening)

    load = loaded(Forgetful(), stories, plan(phones=100, for_s=60))
    assert load.measure.wrong == {Wrong.BOOKS: 1}
    assert f"from +{FIRST + 7}: points is 10 by the books, and 0 is shown" in load.measure.faults[0].text


def test_a_phone_of_which_something_went_wrong_is_put_away(stories: Stories) -> None:
    """A member whose points are doubtful is one fault, not one for each session that follows."""
    spoiled = f"+{FIRST + 3}"
    town = Town(shows=lambda msisdn, screen: screen.replace("have", "had") if msisdn == spoiled else screen)
    load = loaded(town, stories, plan(phones=50, for_s=60))
    assert load.measure.wrong_count == 1
    assert (load.phones.put_away, load.phones.count) == (1, 50)
    assert load.phones.of(spoiled) is None
    assert load.phones.of(str(FIRST + 50)) is not None, "the next number came in its place"


def test_a_session_that_never_ends_is_a_fault(looks: Stories) -> None:
    load = loaded(Town(takes=lambda at: 10 * REST_S if at >= 0.95 else 0.01), looks, plan(for_s=1.05))
    assert load.measure.wrong == {Wrong.UNFINISHED: 1}


def test_texts_are_answered_once_and_rightly(tmp_path: Path) -> None:
    stories = stories_in(tmp_path, STORIES + TEXTS)
    load = loaded(Town(), stories, plan(texts=5))
    assert load.measure.wrong_count == 0, load.measure.faults
    assert load.measure.waits[Wait.SMS].count == 50
    assert load.measure.starts[Stream.TEXTS].made == 50


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        pytest.param(0, Wrong.NO_SMS, "no SMS came within 10 seconds", id="none"),
        pytest.param(2, Wrong.UNASKED, "nobody waits for: You have 0", id="two"),
    ],
)
def test_another_number_of_answers(tmp_path: Path, answers: int, kind: Wrong, words: str) -> None:
    load = loaded(Town(answers=answers), stories_in(tmp_path, STORIES + TEXTS), plan(rate=0, texts=5, for_s=2))
    assert load.measure.wrong == {kind: 10}
    assert words in load.measure.faults[0].text


def test_an_sms_to_an_idle_phone_is_found(tmp_path: Path) -> None:
    async def work() -> dict[Wrong, int]:
        town = Town()
        load = engine(town, stories_in(tmp_path, STORIES + TEXTS), plan(rate=0, texts=1, for_s=3))
        idle, stranger = f"+{FIRST + 90}", "+79210000001"
        asyncio.get_running_loop().call_later(1, lambda: town.points.update({idle: 5}))
        for msisdn in (idle, stranger):
            asyncio.get_running_loop().call_later(
                1.5, lambda to=msisdn: asyncio.ensure_future(town.text(to, "6111", ""))
            )
        await load.run()
        return dict(load.measure.wrong)

    assert played(work()) == {Wrong.UNASKED: 1}, "the phone in play; other phones of the SMSC are not ours"


def test_an_smsc_that_is_away_for_a_while(tmp_path: Path) -> None:
    class Away(Town):
        async def arrived(self, after):  # type: ignore[no-untyped-def]  # as above it
            if 1 < asyncio.get_running_loop().time() < 2.5:
                raise WrongError(Wrong.SMSC, "it is away")
            return await super().arrived(after)

    load = loaded(Away(), stories_in(tmp_path, STORIES + TEXTS), plan(rate=0, texts=5, for_s=5))
    assert load.measure.wrong == {Wrong.SMSC: 2}, "told each time that it was asked, and no text was lost"
    assert load.measure.waits[Wait.SMS].longest == pytest.approx(2.0, abs=0.2)


def test_it_gives_up_when_too_much_is_wrong(looks: Stories) -> None:
    load = loaded(Town(status=500), looks, plan(wrong_max=7))
    assert (load.ending, load.measure.wrong_count) == (Ending.TOO_WRONG, 7)
    assert load.measure.starts[Stream.SESSIONS].due < 10


def test_it_is_stopped_by_hand(looks: Stories) -> None:
    async def work() -> tuple[Ending, int, int]:
        load = engine(Town(takes=lambda at: 3.0), looks, plan())
        asyncio.get_running_loop().call_later(2.05, load.stop)
        await load.run()
        return load.ending, load.measure.starts[Stream.SESSIONS].due, load.measure.wrong_count

    assert played(work()) == (Ending.BY_HAND, 21, 0), "what was under way is broken off, and is no fault"


def test_it_is_stopped_by_hand_while_it_rehearses(looks: Stories) -> None:
    async def work() -> tuple[Ending, int, float]:
        load = engine(Town(takes=lambda at: 300.0), looks, plan())
        asyncio.get_running_loop().call_later(2.0, load.stop)
        await load.rehearse()
        await load.run()
        return load.ending, load.measure.starts[Stream.SESSIONS].due, asyncio.get_running_loop().time()

    ending, due, at = played(work())
    assert (ending, at) == (Ending.BY_HAND, 2.0)
    assert due <= 1


def test_our_own_faults_are_not_the_gateways(looks: Stories) -> None:
    def broken(msisdn: str, screen: str) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loaded(Town(shows=broken), looks, plan())


@pytest.mark.parametrize("spoil", [_nothing, lambda msisdn, screen: screen.replace("Nothing", "Something")])
def test_a_rehearsal_plays_each_story_once(stories: Stories, spoil: Callable[[str, str], str]) -> None:
    async def work() -> int:
        town = Town(shows=spoil)
        load = engine(town, stories, plan())
        if spoil is not _nothing:
            with pytest.raises(WrongError, match=r"pays, step 3, answer 1, from \+79990000001: this is not more"):
                await load.rehearse()
        else:
            await load.rehearse()
        assert load.measure.waits[Wait.SCREEN].count == 0, "a rehearsal is not measured"
        return len(town.arrived_at)

    assert played(work()) == 3
