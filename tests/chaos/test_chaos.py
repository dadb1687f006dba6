"""A short run of `make chaos`, and whether its auditor would have noticed: each lie about that run is found.

Runs are told apart by their seeds; `LONG=1` plays more of them, and longer. How to read a failure: docs/testing.md.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from gateway.store.verify import Fault
from tests.chaos.auditor import audit
from tests.chaos.evidence import Books, Evidence, Row
from tests.chaos.run import Report, run
from tests.conftest import LONG

SEEDS = range(120, 130) if LONG else (123,)
SECONDS = 20.0 if LONG else 6.0


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def report(request: pytest.FixtureRequest) -> Report:
    return asyncio.run(run(request.param, SECONDS))


def test_faults_lose_nothing_and_do_nothing_twice(report: Report) -> None:
    assert not report.breaches, report.failure
    wanted = ("orders by USSD", "by SMS", "codes", "texts", "results seen", "results by SMS")
    missing = [name for name in wanted if not report.counts[name]]
    assert missing == [], f"this run had none of {missing}, and proves nothing about them: {report.line}"


def of(books: Books, table: str, wanted: Callable[[Row], bool], **becomes: Any) -> Books:
    """The books with one row of a table changed, or taken away when it becomes nothing."""
    rows: Sequence[Row] = getattr(books, table)
    place = next(number for number, row in enumerate(rows) if wanted(row))
    changed = [dict(rows[place]) | becomes] if becomes else []
    return dataclasses.replace(books, **{table: [*rows[:place], *changed, *rows[place + 1 :]]})


def by_ussd(row: Row) -> bool:
    return row["channel"] == "ussd" and row["fulfilment"] == "billing" and row["state"] == "delivered"


def told(row: Row) -> bool:
    return row["of_session"] and row["reply"] == "exchange" and row["state"] == "delivered"


def answered(row: Row) -> bool:
    return row["kind"] == "reply" and row["state"] == "delivered"


def answered_text(row: Row) -> bool:
    return row["message_id"] is not None


def one_redeemed_less(books: Books) -> Books:
    member_id = next(member_id for member_id, row in books.codes.items() if row["state"] == "redeemed")
    lost = dict(books.codes[member_id]) | {"state": "active", "amount": None, "channel": None}
    return dataclasses.replace(books, codes=dict(books.codes) | {member_id: lost})


def one_point_more(books: Books) -> Books:
    ours = set(books.member_ids.values())
    key, account = next((key, row) for key, row in books.accounts.items() if key[0] in ours and key[1] == "points")
    richer = dict(account) | {"posted": account["posted"] + 1}
    return dataclasses.replace(books, accounts=dict(books.accounts) | {key: richer})


def one_event_less(books: Books) -> Books:
    return dataclasses.replace(books, events=frozenset(sorted(name for name in books.events if "-" in name)[1:]))


LIES_IN_BOOKS = [
    pytest.param(lambda books: of(books, "orders", by_ussd), "orders", id="an order is gone"),
    pytest.param(lambda books: of(books, "orders", by_ussd, hold="open"), "its hold open", id="a hold stays open"),
    pytest.param(lambda books: of(books, "orders", by_ussd, state="refused"), "delivered 1", id="given, not paid"),
    pytest.param(lambda books: of(books, "orders", by_ussd, state="placed"), "is placed", id="an order is left"),
    pytest.param(lambda books: of(books, "inbox", lambda row: True), "in the inbox", id="a text is forgotten"),
    pytest.param(lambda books: of(books, "inbox", answered_text, message_id=None), "no answer", id="no answer"),
    pytest.param(lambda books: of(books, "outbox", answered, state="expired"), "expired", id="an answer expired"),
    pytest.param(lambda books: of(books, "outbox", answered, ids=[]), "copies of a part", id="an unknown copy"),
    pytest.param(lambda books: of(books, "outbox", answered, ids=["0"]), "never took", id="an id that nobody gave"),
    pytest.param(lambda books: of(books, "outbox", told), "and messages about", id="a result is not told"),
    pytest.param(
        lambda books: of(books, "outbox", told, state="withdrawn", ids=[]), "never learned", id="withdrawn unseen"
    ),
    pytest.param(one_redeemed_less, "it is active", id="a used code is active"),
    pytest.param(one_point_more, "the account has", id="a point out of nothing"),
    pytest.param(one_event_less, "is forgotten", id="an event is gone"),
    pytest.param(
        lambda books: dataclasses.replace(books, faults=(Fault("sums", 1, "off by one"),)), "the ledger", id="verify"
    ),
]


@pytest.mark.parametrize(("lie", "words"), LIES_IN_BOOKS)
def test_the_auditor_finds(lie: Callable[[Books], Books], words: str, report: Report) -> None:
    assert report.evidence is not None
    lied = dataclasses.replace(report.evidence, books=lie(report.evidence.books))
    assert found(report, lied, words), f"nobody noticed; what was: {audit(report.members, lied, report.repeats)}"


def test_the_auditor_finds_a_reward_that_was_given_twice(report: Report) -> None:
    assert report.evidence is not None
    name = next(name for name, row in report.evidence.billing.items() if row["delivered"])
    twice: Mapping[str, Row] = {name: dict(report.evidence.billing[name]) | {"delivered": 2}}
    lied = dataclasses.replace(report.evidence, billing=dict(report.evidence.billing) | twice)
    assert found(report, lied, "delivered 2 times")


def found(report: Report, lied: Evidence, words: str) -> bool:
    return any(words in breach.words for breach in audit(report.members, lied, report.repeats))
