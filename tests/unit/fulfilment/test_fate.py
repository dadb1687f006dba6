"""What becomes of an order: every answer under every behaviour of the other side, sure or in doubt, early or late."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from gateway.fulfilment.fate import DELIVERED, LATER, PARKED, REFUSED, Patience, fate
from gateway.fulfilment.fulfiller import settlement
from gateway.fulfilment.model import Answer, Verdict
from gateway.ids import MemberId
from gateway.msisdn import Msisdn
from gateway.settings import Repeats
from gateway.store.orders import ClaimedOrder

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATIENCE = Patience(first_s=1, longest_s=60, doubt_s=5, give_up=timedelta(hours=24), tries_max=100)
SURE, IN_DOUBT = False, True
EARLY, LATE = AT + timedelta(hours=1), AT + timedelta(hours=24)
REPEATS = tuple(Repeats)


def order(tries: int = 1) -> ClaimedOrder:
    return ClaimedOrder(7, "1a2b3c4d-7", MemberId(1), Msisdn("+79210000001"), "ru", "mug", {}, AT, tries, False, "me/1")


@pytest.mark.parametrize(
    ("verdict", "doubtful", "at", "idempotent", "askable", "never"),
    [
        (Verdict.DELIVERED, SURE, EARLY, DELIVERED, DELIVERED, DELIVERED),
        (Verdict.DELIVERED, IN_DOUBT, LATE, DELIVERED, DELIVERED, DELIVERED),
        (Verdict.REFUSED, SURE, EARLY, REFUSED, REFUSED, REFUSED),
        (Verdict.REFUSED, IN_DOUBT, LATE, REFUSED, REFUSED, REFUSED),
        (Verdict.NOT_NOW, SURE, EARLY, LATER, LATER, LATER),
        (Verdict.NOT_NOW, SURE, LATE, REFUSED, REFUSED, REFUSED),
        (Verdict.NOT_NOW, IN_DOUBT, EARLY, LATER, LATER, PARKED),
        (Verdict.NOT_NOW, IN_DOUBT, LATE, PARKED, PARKED, PARKED),
        (Verdict.UNKNOWN, SURE, EARLY, LATER, LATER, PARKED),
        (Verdict.UNKNOWN, SURE, LATE, PARKED, PARKED, PARKED),
        (Verdict.UNKNOWN, IN_DOUBT, LATE, PARKED, PARKED, PARKED),
    ],
)
def test_what_becomes_of_an_order(
    verdict: Verdict, doubtful: bool, at: datetime, idempotent: str, askable: str, never: str
) -> None:
    answer = Answer(verdict, "said so")
    became = [fate(order(), answer, repeats, PATIENCE, at, doubtful=doubtful).becomes for repeats in REPEATS]
    assert became == [idempotent, askable, never]


@pytest.mark.parametrize(
    ("repeats", "verdict", "doubtful", "late"),
    list(itertools.product(REPEATS, Verdict, (SURE, IN_DOUBT), (EARLY, LATE))),
)
def test_what_may_have_come_is_never_given_back_unasked(
    repeats: Repeats, verdict: Verdict, doubtful: bool, late: datetime
) -> None:
    decided = fate(order(), Answer(verdict), repeats, PATIENCE, late, doubtful=doubtful)
    unknown = doubtful or verdict is Verdict.UNKNOWN
    assert decided.becomes != REFUSED or verdict is Verdict.REFUSED or not unknown
    assert decided.becomes != LATER or not unknown or (decided.doubtful and repeats is not Repeats.NEVER)


@pytest.mark.parametrize(
    ("tries", "verdict", "rest_s"),
    [
        pytest.param(1, Verdict.NOT_NOW, 1, id="soon"),
        pytest.param(4, Verdict.NOT_NOW, 8, id="twice as long each time"),
        pytest.param(7, Verdict.NOT_NOW, 60, id="up to the longest"),
        pytest.param(99, Verdict.NOT_NOW, 60, id="and no longer"),
        pytest.param(1, Verdict.UNKNOWN, 5, id="they may be at it still"),
        pytest.param(7, Verdict.UNKNOWN, 60, id="or it takes them long"),
    ],
)
def test_how_long_an_order_rests(tries: int, verdict: Verdict, rest_s: float) -> None:
    decided = fate(order(tries), Answer(verdict), Repeats.IDEMPOTENT, PATIENCE, EARLY, doubtful=SURE)
    assert (decided.becomes, decided.rest_s) == (LATER, rest_s)


@pytest.mark.parametrize(("tries", "becomes"), [(99, LATER), (100, REFUSED), (101, REFUSED)])
def test_tries_have_an_end_though_the_clock_stands_still(tries: int, becomes: str) -> None:
    assert fate(order(tries), Answer(Verdict.NOT_NOW), Repeats.NEVER, PATIENCE, AT, doubtful=SURE).becomes == becomes


@pytest.mark.parametrize(
    ("verdict", "told"), [(Verdict.DELIVERED, "delivered"), (Verdict.REFUSED, "refused"), (Verdict.UNKNOWN, None)]
)
def test_the_member_is_told_how_it_ended_and_not_that_it_did_not(verdict: Verdict, told: str | None) -> None:
    decided = fate(order(3), Answer(verdict), Repeats.IDEMPOTENT, PATIENCE, EARLY, doubtful=SURE)
    written = settlement(order(3), decided, verdict)
    assert (written.told.outcome if written.told else None) == told
    assert (written.key, written.owner) == (f"order:7:3:{verdict}", "me/1")
    assert (written.rest_until is None) == (told is not None)
