"""What a USSD network does to hops when it is told to, as the application hears it."""

import pytest

from simulator.call import Answer, Closing, Message
from simulator.errors import HopFailedError, PhraseError
from simulator.line import ENDINGS, WORDS, Line, Mishap, mishap


class Wire:
    """What went over, in order; answers are the bodies in capitals, or as `answers` has them."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.abandoned: list[str] = []
        self.answers: list[str] = []

    def carry(self, message: Message) -> Answer:
        self.heard.append(message.body)
        body = self.answers.pop(0) if self.answers else message.body.upper()
        return Answer(200, "text/plain", body)

    def abandon(self, message: Message) -> None:
        self.abandoned.append(message.body)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def line(wire: Wire) -> Line:
    return Line(wire.carry, wire.abandon)


def message(body: str) -> Message:
    return Message("POST", "/ussd", "text/plain", body)


@pytest.mark.parametrize("ordered", [Mishap.REPEATED, Mishap.REPEATED_AT_ONCE])
def test_a_repeated_hop_is_heard_twice_and_shown_once(line: Line, wire: Wire, ordered: Mishap) -> None:
    line.order(ordered)
    assert line.hop(message("a")).body == "A"
    line.hop(message("b"))
    assert wire.heard == ["a", "a", "b"], "a mishap is over with its hop"


@pytest.mark.parametrize("ordered", [Mishap.REPEATED, Mishap.REPEATED_AT_ONCE])
def test_a_repeated_hop_that_is_answered_in_two_ways_is_a_fault(line: Line, wire: Wire, ordered: Mishap) -> None:
    wire.answers = ["one", "two"]
    line.order(ordered)
    with pytest.raises(HopFailedError, match="in two ways"):
        line.hop(message("a"))


def test_a_late_copy_comes_behind_what_is_sent_next(line: Line, wire: Wire) -> None:
    line.order(Mishap.COPIED_LATE)
    assert line.hop(message("a")).body == "A"
    assert line.hop(message("b")).body == "B"
    assert wire.heard == ["a", "b", "a"]


def test_a_late_hop_comes_behind_the_note_that_the_session_is_over(line: Line, wire: Wire) -> None:
    line.order(Mishap.LATE)
    with pytest.raises(HopFailedError, match="gave up"):
        line.hop(message("a"))
    assert wire.heard == []
    line.note(message("over"))
    assert wire.heard == ["over", "a"]


def test_a_lost_reply_was_made_and_never_seen(line: Line, wire: Wire) -> None:
    line.order(Mishap.REPLY_LOST)
    with pytest.raises(HopFailedError, match="lost the reply"):
        line.hop(message("a"))
    assert wire.heard == ["a"]


def test_a_reply_that_is_not_waited_for(line: Line, wire: Wire) -> None:
    line.order(Mishap.REPLY_TOO_LATE)
    with pytest.raises(HopFailedError, match="did not wait"):
        line.hop(message("a"))
    assert (wire.heard, wire.abandoned) == ([], ["a"])


def test_a_note_meets_no_mishap(line: Line, wire: Wire) -> None:
    line.order(Mishap.REPLY_LOST)
    assert line.note(message("over")).body == "OVER"


def test_the_words_are_read(line: Line) -> None:
    assert [mishap(word) for word in Mishap] == list(Mishap)
    assert mishap(" Session Dropped ") is Closing.BY_FAILURE
    assert set(WORDS) == {*Mishap, *ENDINGS}
    with pytest.raises(PhraseError, match="hop repeated, "):
        mishap("hop lost")
