"""The contract of `batching`, line by line, over a line that this test holds in its hand."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextvars import ContextVar

import pytest

from gateway.batching import Coalescer, Limits, MismatchedAnswersError
from gateway.errors import GatewayError, OverloadedError, StoreUnavailableError

pytestmark = pytest.mark.anyio

Answers = Sequence[tuple[int, str | Exception]]
Reply = Callable[[Sequence[str]], Answers]

PATIENT = Limits(batch_max=4, queue_max=8, wait_s=60.0)
IMPATIENT = Limits(batch_max=4, queue_max=8, wait_s=0.01)

whose: ContextVar[str] = ContextVar("whose", default="nobody's")


class BadItemError(GatewayError):
    """Not retryable: the item is at fault."""


class PickyError(Exception):
    """Cannot be copied: it does not keep what it was made of."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def echo(items: Sequence[str]) -> Answers:
    return [(ordinal, f"re: {item}") for ordinal, item in enumerate(items)]


class Line:
    """Carries flights. While `gate` is shut, a flight that has left does not arrive."""

    def __init__(self, reply: Reply = echo, *, shut: bool = False) -> None:
        self.flights: list[list[str]] = []
        self.contexts: list[str] = []
        self.gate = asyncio.Event()
        self.left = asyncio.Event()
        self._reply = reply
        if not shut:
            self.gate.set()

    async def __call__(self, items: Sequence[str]) -> Answers:
        self.flights.append(list(items))
        self.contexts.append(whose.get())
        self.left.set()
        await self.gate.wait()
        return self._reply(items)


def failing(error: Callable[[], Exception], *, when: Callable[[Sequence[str]], bool]) -> Reply:
    """Echoes, or fails the whole flight."""

    def reply(items: Sequence[str]) -> Answers:
        if when(items):
            raise error()
        return echo(items)

    return reply


async def ask(call: Coalescer[str, str], *items: str) -> list[str | BaseException]:
    return await asyncio.gather(*(call(item) for item in items), return_exceptions=True)


async def begun(call: Coalescer[str, str], *items: str) -> list["asyncio.Task[str]"]:
    """Calls that wait in the queue or fly when this returns."""
    tasks = [asyncio.create_task(call(item)) for item in items]
    await asyncio.sleep(0)  # each runs up to its wait
    return tasks


async def test_one_call_alone_leaves_at_once() -> None:
    line = Line()
    assert await Coalescer("test", [line], PATIENT)("a") == "re: a"
    assert line.flights == [["a"]]


async def test_calls_of_one_moment_leave_together() -> None:
    line = Line()
    assert await ask(Coalescer("test", [line], PATIENT), "a", "b", "c") == ["re: a", "re: b", "re: c"]
    assert line.flights == [["a", "b", "c"]]


async def test_a_flight_takes_batch_max_and_the_rest_follow_in_the_order_of_their_calls() -> None:
    line = Line()
    call = Coalescer("test", [line], Limits(batch_max=4, queue_max=100))
    items = [str(number) for number in range(9)]
    assert await ask(call, *items) == [f"re: {item}" for item in items]
    assert line.flights == [items[:4], items[4:8], items[8:]]


async def test_what_comes_while_the_line_is_busy_leaves_when_it_is_back() -> None:
    line = Line(shut=True)
    call = Coalescer("test", [line], PATIENT)
    first = await begun(call, "a")
    await line.left.wait()
    later = await begun(call, "b", "c")
    assert (line.flights, call.waiting) == ([["a"]], 2)
    line.gate.set()
    assert await asyncio.gather(*first, *later) == ["re: a", "re: b", "re: c"]
    assert line.flights == [["a"], ["b", "c"]]


async def test_each_line_carries_one_flight_at_a_time() -> None:
    lines = [Line(shut=True), Line(shut=True)]
    call = Coalescer("test", lines, Limits(batch_max=1))
    tasks = await begun(call, "a", "b", "c")
    await asyncio.gather(*(line.left.wait() for line in lines))
    assert sorted(len(line.flights) for line in lines) == [1, 1]
    for line in lines:
        line.gate.set()
    assert await asyncio.gather(*tasks) == ["re: a", "re: b", "re: c"]


async def test_answers_are_matched_by_ordinal() -> None:
    def shuffled(items: Sequence[str]) -> Answers:
        answers = list(echo(items))
        random.Random(7).shuffle(answers)
        return answers

    items = [str(number) for number in range(40)]
    call = Coalescer("test", [Line(shuffled)], Limits(batch_max=40))
    assert await ask(call, *items) == [f"re: {item}" for item in items]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda items: echo(items)[:-1], id="one too few"),
        pytest.param(lambda items: [*echo(items), (len(items), "whose?")], id="one too many"),
        pytest.param(lambda items: [(0, "again")] * max(2, len(items)), id="as many, all for one"),
        pytest.param(lambda items: [*echo(items), (0, "again")], id="one twice"),
        pytest.param(lambda items: [(ordinal + 1, answer) for ordinal, answer in echo(items)], id="counted from one"),
        pytest.param(lambda _: [], id="none"),
    ],
)
async def test_a_mismatch_gives_nobody_a_guess(wrong: Reply) -> None:
    """A mismatched flight of several is tried one by one; who is still mismatched then is told so."""
    answers = await ask(Coalescer("test", [Line(wrong)], PATIENT), "a", "b", "c")
    assert [type(answer) for answer in answers] == [MismatchedAnswersError] * 3


async def test_a_cancelled_caller_takes_nobody_along() -> None:
    line = Line(shut=True)
    call = Coalescer("test", [line], PATIENT)
    flying = await begun(call, "a", "b")
    await line.left.wait()
    waiting = await begun(call, "c", "d")
    flying[0].cancel()
    waiting[0].cancel()
    line.gate.set()
    answers = await asyncio.gather(*flying, *waiting, return_exceptions=True)
    assert answers[1::2] == ["re: b", "re: d"]
    assert [type(answer) for answer in answers[::2]] == [asyncio.CancelledError] * 2
    assert line.flights == [["a", "b"], ["d"]], "who left the queue does not board"


async def test_each_caller_gets_an_exception_of_its_own() -> None:
    line = Line(failing(lambda: StoreUnavailableError("away"), when=lambda _: True))
    errors = await ask(Coalescer("test", [line], PATIENT), "a", "b")
    assert [repr(error) for error in errors] == ["StoreUnavailableError('away')"] * 2
    assert errors[0] is not errors[1]


async def test_an_items_own_exception_is_its_alone() -> None:
    def reply(items: Sequence[str]) -> Answers:
        return [(ordinal, BadItemError(item) if item == "bad" else item) for ordinal, item in enumerate(items)]

    line = Line(reply)
    answers = await ask(Coalescer("test", [line], PATIENT), "a", "bad", "c")
    assert (answers[0], repr(answers[1]), answers[2]) == ("a", "BadItemError('bad')", "c")
    assert len(line.flights) == 1, "an answered item is not sent again"


async def test_an_exception_that_cannot_be_copied_still_reaches_its_callers() -> None:
    line = Line(failing(lambda: PickyError("no ", "luck"), when=lambda items: "bad" in items))
    answers = await ask(Coalescer("test", [line], PATIENT), "a", "bad", "c")
    assert (answers[0], answers[2]) == ("re: a", "re: c")
    assert "PickyError: no luck" in repr(answers[1])


async def test_a_flight_that_failed_for_one_items_sake_is_repeated_one_by_one() -> None:
    line = Line(failing(lambda: BadItemError("poison"), when=lambda items: "bad" in items))
    answers = await ask(Coalescer("test", [line], PATIENT), "a", "bad", "c")
    assert (answers[0], repr(answers[1]), answers[2]) == ("re: a", "BadItemError('poison')", "re: c")
    assert line.flights == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]


async def test_a_flight_that_failed_for_everybody_is_not_repeated() -> None:
    line = Line(failing(lambda: StoreUnavailableError("away"), when=lambda _: True))
    await ask(Coalescer("test", [line], PATIENT), "a", "b")
    assert line.flights == [["a", "b"]], "a server that is away is not asked once for each item"


async def test_the_queue_is_full_at_queue_max_and_no_earlier() -> None:
    line = Line(shut=True)
    call = Coalescer("test", [line], PATIENT)
    flying = await begun(call, "first")
    await line.left.wait()
    waiting = await begun(call, *"12345678")
    assert call.waiting == PATIENT.queue_max
    with pytest.raises(OverloadedError, match="8 calls wait already"):
        await call("one past it")
    line.gate.set()
    assert await asyncio.gather(*flying, *waiting) == ["re: first", *(f"re: {digit}" for digit in "12345678")]
    assert "one past it" not in {item for flight in line.flights for item in flight}


async def test_nobody_waits_past_the_deadline_even_while_every_line_is_busy() -> None:
    line = Line(shut=True)
    call = Coalescer("test", [line], IMPATIENT)
    flying = await begun(call, "a")
    await line.left.wait()
    for _ in range(2):  # again after everybody was turned away
        answers = await ask(call, "b", "c")
        assert [type(answer) for answer in answers] == [OverloadedError] * 2
    assert call.waiting == 0
    line.gate.set()
    assert await asyncio.gather(*flying) == ["re: a"], "the deadline is the queue's: who flies is answered"
    assert await call("d") == "re: d"
    assert line.flights == [["a"], ["d"]], "who was turned away was not sent"


async def test_a_flight_runs_in_an_empty_context() -> None:
    line = Line()
    call = Coalescer("test", [line], PATIENT)
    whose.set("the caller's")
    await ask(call, "a", "b")
    assert line.contexts == ["nobody's"]


async def test_a_flight_that_follows_runs_in_an_empty_context_too() -> None:
    line = Line(shut=True)
    call = Coalescer("test", [line], PATIENT)
    tasks = await begun(call, "a")
    await line.left.wait()
    whose.set("the caller's")
    tasks += await begun(call, "b")
    line.gate.set()
    await asyncio.gather(*tasks)
    assert line.contexts == ["nobody's", "nobody's"]


async def test_drain_returns_when_nothing_waits_and_nothing_flies() -> None:
    line = Line(shut=True)
    call = Coalescer("test", [line], Limits(batch_max=1))
    tasks = await begun(call, "a", "b", "c")
    draining = asyncio.create_task(call.drain())
    await line.left.wait()
    assert not draining.done()
    line.gate.set()
    await draining
    assert [task.done() for task in tasks] == [True] * 3
    assert call.waiting == 0
    await call.drain()


async def test_items_of_one_owner_are_never_on_two_lines_and_keep_their_order() -> None:
    lines = [Line(shut=True), Line(shut=True)]
    call = Coalescer("test", lines, Limits(batch_max=2), lambda item: item[0])
    items = ["a1", "b1", "a2", "c1", "a3", "d1", "a4"]
    tasks = await begun(call, *items)
    await asyncio.gather(*(line.left.wait() for line in lines))
    assert sorted(line.flights for line in lines) == [[["a1", "b1"]], [["c1", "d1"]]]
    for line in lines:
        line.gate.set()
    assert await asyncio.gather(*tasks) == [f"re: {item}" for item in items]
    flights = [flight for line in lines for flight in line.flights]
    assert sorted(flights) == [["a1", "b1"], ["a2", "a3"], ["a4"], ["c1", "d1"]]


async def test_a_slow_owner_keeps_no_stranger_where_a_flight_has_one_owner() -> None:
    lines = [Line(shut=True), Line()]
    call = Coalescer("test", lines[::-1], Limits(batch_max=9, one_owner=True), lambda item: item[0])
    slow = await begun(call, "a1", "a2")
    await lines[0].left.wait()
    slow += await begun(call, "a3")
    assert await ask(call, "b1", "c1", "b2") == ["re: b1", "re: c1", "re: b2"]
    assert lines[1].flights == [["b1", "b2"], ["c1"]]
    lines[0].gate.set()
    assert await asyncio.gather(*slow) == ["re: a1", "re: a2", "re: a3"]
    assert lines[0].flights == [["a1", "a2"], ["a3"]]
