"""When one SMSC stands in for another: after how long, and who must have been there all that time."""

from dataclasses import dataclass, field

import pytest

from gateway.smpp.links import parse
from gateway.smpp.settings import LinkSettings
from gateway.sms.standing_in import Change, StandIns

MAIN, BACKUP = parse(
    "smpp://b:p@one.example?smsc=main,smpp://b:p@two.example?smsc=backup&stands_in_for=main&stands_in_after_s=60"
)


@dataclass
class Link:
    settings: LinkSettings
    is_bound: bool = False


@dataclass
class Bench:
    now: float = 1000.0
    main: Link = field(default_factory=lambda: Link(MAIN))
    backup: Link = field(default_factory=lambda: Link(BACKUP, is_bound=True))

    def __post_init__(self) -> None:
        self.stand_ins = StandIns(lambda: self.now)
        self.stand_ins.add(self.main)
        self.stand_ins.add(self.backup)

    def after(self, seconds: float) -> list[bool]:
        """Let time pass, looking each second; which changes there were, beginnings and ends."""
        changes: list[Change] = []
        for _ in range(int(seconds)):
            changes += self.stand_ins.look()
            self.now += 1
        assert all((change.smsc, change.by) == ("main", "backup") for change in changes)
        return [change.begins for change in changes]

    @property
    def served(self) -> tuple[str, ...]:
        return self.stand_ins.served_by(self.backup.settings)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_not_before_the_time_is_up_and_not_after_it_is_back(bench: Bench) -> None:
    assert bench.after(60) == []
    assert bench.served == ("backup",)
    assert bench.after(1) == [True]
    assert bench.served == ("backup", "main")
    bench.main.is_bound = True
    assert bench.after(1) == [False]
    assert bench.served == ("backup",)
    bench.main.is_bound = False
    assert bench.after(59) == [], "from the moment when it was last there"
    assert bench.after(1) == [True]


def test_a_link_that_flaps_is_there(bench: Bench) -> None:
    for _ in range(5):
        bench.main.is_bound = True
        bench.after(1)
        bench.main.is_bound = False
        assert bench.after(55) == []


def test_a_cut_of_the_network_moves_nothing(bench: Bench) -> None:
    """Both are gone for an hour; whoever comes back first does not take the other's messages at once."""
    bench.main.is_bound = True
    bench.after(5)
    bench.main.is_bound = bench.backup.is_bound = False
    assert bench.after(3600) == []
    bench.backup.is_bound = True
    assert bench.after(60) == []
    bench.main.is_bound = True
    assert bench.after(120) == []


def test_one_that_is_away_itself_stands_in_for_nobody(bench: Bench) -> None:
    assert bench.after(61) == [True]
    bench.backup.is_bound = False
    assert bench.after(1) == [False]
    assert bench.served == ("backup",)


def test_the_one_that_is_stood_in_for_takes_its_own_alone(bench: Bench) -> None:
    bench.after(61)
    assert bench.stand_ins.served_by(MAIN) == ("main",)


def test_two_may_stand_in_for_each_other() -> None:
    one, two = parse(
        "smpp://b:p@one.example?smsc=one&stands_in_for=two,smpp://b:p@two.example?smsc=two&stands_in_for=one"
    )
    now = [0.0]
    stand_ins = StandIns(lambda: now[0])
    links = Link(one, is_bound=True), Link(two)
    for link in links:
        stand_ins.add(link)
    assert stand_ins.look() == ()
    now[0] = 60.0
    changed = stand_ins.look()
    assert changed == (Change("two", "one", begins=True),)
    assert stand_ins.served_by(two) == ("two",)
