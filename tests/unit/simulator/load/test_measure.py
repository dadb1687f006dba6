"""What is counted, and that none of it grows with the number of sessions."""

from simulator.load.measure import FAULTS_KEPT, SLOTS_MAX, Measure, Stream, Wait
from simulator.load.wrong import Wrong


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_replies_stand_in_the_slot_in_which_they_came() -> None:
    clock = Clock()
    measure = Measure(clock)
    measure.took(Wait.SCREEN, "looks", 0.1)
    clock.now = 102.5
    measure.took(Wait.SCREEN, "looks", 0.2)
    measure.due(Stream.SESSIONS, 0.0, made=True, under_way=7)
    assert [slot.waits[Wait.SCREEN].count for slot in measure.slots] == [1, 0, 1]
    assert measure.slots[2].under_way == 7
    assert measure.stories["looks"].waits[Wait.SCREEN].count == 2


def test_a_long_load_has_as_many_slots_as_a_short_one_and_loses_nothing() -> None:
    clock = Clock()
    measure = Measure(clock)
    for _ in range(5 * SLOTS_MAX + 3):
        measure.took(Wait.SMS, "asks", 0.1)
        measure.due(Stream.TEXTS, 0.0, made=True, under_way=1)
        clock.now += 1
    assert len(measure.slots) <= SLOTS_MAX
    assert measure.slot_s == 8
    counts = [slot.waits[Wait.SMS].count for slot in measure.slots]
    assert counts == [8] * (len(counts) - 1) + [(5 * SLOTS_MAX + 3) % 8]
    assert sum(slot.starts[Stream.TEXTS].made for slot in measure.slots) == 5 * SLOTS_MAX + 3


def test_faults_are_counted_and_the_first_are_kept() -> None:
    measure = Measure(Clock())
    for place in range(FAULTS_KEPT + 5):
        measure.fault(Wrong.SCREEN, f"fault {place}" + "x" * 10_000, "looks")
    assert measure.wrong == {Wrong.SCREEN: FAULTS_KEPT + 5}
    assert len(measure.faults) == FAULTS_KEPT
    assert measure.faults[0].text.startswith("fault 0")
    assert all(len(fault.text) <= 2000 for fault in measure.faults)
    assert measure.stories["looks"].wrong == FAULTS_KEPT + 5


def test_starts_that_were_not_made_when_they_were_due() -> None:
    measure = Measure(Clock())
    for late_s, made in ((0.0, True), (0.9, True), (1.1, True), (0.0, False)):
        measure.due(Stream.SESSIONS, late_s, made=made, under_way=1)
    starts = measure.starts[Stream.SESSIONS]
    assert (starts.due, starts.made, starts.late, starts.refused, starts.held) == (4, 2, 1, 1, 0.5)


def test_the_latest_is_of_whole_slots() -> None:
    clock = Clock()
    measure = Measure(clock)
    for second in range(10):
        clock.now = 100 + second
        for _ in range(second):
            measure.took(Wait.SCREEN, "looks", 0.1)
    assert measure.latest(3).waits[Wait.SCREEN].count == 6 + 7 + 8
