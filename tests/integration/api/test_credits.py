"""Credits, refunds and reversals by staff: booked once, within limits, from a threshold on with another key's word."""

import asyncio
from typing import Any

import asyncpg
import pytest

from gateway.store.verify import verify
from tests.integration.api.office import NOBODY, NUMBER, OTHER, Office

pytestmark = pytest.mark.anyio


def credit(amount: int, msisdn: str = NUMBER, **more: object) -> dict[str, object]:
    return {"msisdn": msisdn, "unit": "points", "amount": amount, "reason": "apology", "comment": "lost SMS"} | more


async def waiting(office: Office, amount: int = 1000, who: str = "care") -> int:
    """A credit that waits; its number."""
    asked = await office.done("/v1/members/credits", credit(amount), who, status=202)
    assert asked["state"] == "waiting"
    approval_id: int = asked["approval_id"]
    return approval_id


async def decide(office: Office, approval_id: int, word: str, who: str, key: str | None = None) -> Any:
    return await office.post(f"/v1/approvals/{approval_id}/{word}", {"comment": "seen"}, who, key)


async def movements(office: Office) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await office.done("/v1/members/statement", {"msisdn": NUMBER}))["items"]
    return items


async def test_a_credit_is_booked_once_and_answered_alike(office: Office, database_url: str) -> None:
    await office.earn(100)
    first = await office.post("/v1/members/credits", credit(50), key="k")
    again = await office.post("/v1/members/credits", credit(50), key="k")
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert await office.points() == 150
    newest = (await movements(office))[0]
    assert newest["transfer_id"] == first.json()["transfer_id"]
    assert (newest["kind"], newest["amount"], newest["reason"], newest["channel"]) == (
        "adjustment",
        50,
        "apology",
        "staff",
    )
    assert await verify(database_url) == ()


async def test_ten_copies_at_once_are_one(office: Office) -> None:
    await office.earn(100)
    answers = await asyncio.gather(*(office.post("/v1/members/credits", credit(50), key="same") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert await office.points() == 150


async def test_a_key_is_for_one_request(office: Office) -> None:
    await office.earn(100)
    await office.done("/v1/members/credits", credit(50), key="k")
    spaced = await office.post("/v1/members/credits", dict(reversed(credit(50).items())), key="k")
    assert spaced.status_code == 200, "the order of fields is no other request"
    for path, body in (("/v1/members/credits", credit(51)), ("/v1/members/block", {"msisdn": NUMBER, "reason": "x"})):
        other = await office.post(path, body, key="k")
        assert (other.status_code, other.json()["title"]) == (422, "key reused")
    await office.done("/v1/members/credits", credit(51), who="lead", key="k")
    assert await office.points() == 201, "another caller's key is another key"


@pytest.mark.parametrize(
    ("body", "status", "title"),
    [
        pytest.param(credit(0), 400, "bad request", id="nothing"),
        pytest.param(credit(5, unit="stars"), 400, "bad request", id="an unknown unit"),
        pytest.param(credit(5, msisdn="x" * 9), 400, "bad number", id="no number"),
        pytest.param(credit(5, msisdn=NOBODY), 404, "no member", id="nobody"),
        pytest.param(credit(3001), 409, "limit", id="more than one credit may be"),
        pytest.param(credit(-101), 409, "insufficient", id="more than there is"),
        pytest.param(credit(5, comment="called +7 921 777-00-01"), 400, "bad request", id="a number in a comment"),
        pytest.param(credit(5, comment="a\x00b"), 400, "bad request", id="a NUL"),
        pytest.param(credit(5, reason=" "), 400, "bad request", id="no reason"),
        pytest.param(credit(5) | {"+79217770001": 1}, 400, "bad request", id="a field that is none"),
        pytest.param({**credit(5), "amount": "5"}, 400, "bad request", id="an amount that is a text"),
    ],
)
async def test_what_cannot_be_is_explained(office: Office, body: Any, status: int, title: str) -> None:
    await office.earn(100)
    answer = await office.post("/v1/members/credits", body)
    assert (answer.status_code, answer.json()["title"]) == (status, title)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "7770001" not in answer.text
    assert "777-00-01" not in answer.text
    assert await office.points() == 100


@pytest.mark.parametrize("key", ["", "with space", "k" * 101, "tab\there"])
async def test_a_write_needs_a_key(office: Office, key: str) -> None:
    answer = await office.post("/v1/members/credits", credit(5), key=key)
    assert (answer.status_code, answer.json()["title"]) == (400, "bad request")
    bare = await office.http.post("/v1/members/credits", json=credit(5), headers={"x-api-key": "care"})
    assert bare.status_code == 400
    assert bare.json()["detail"] == "header.Idempotency-Key: Field required"


async def test_the_day_of_a_key_holds_under_many_hands(office: Office) -> None:
    await office.earn(1)
    answers = await asyncio.gather(*(office.post("/v1/members/credits", credit(500)) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 10
    assert {answer.json()["title"] for answer in answers if answer.status_code == 409} == {"day limit"}
    assert await office.points() == 5001
    await office.done("/v1/members/credits", credit(500), who="lead")


async def test_what_was_not_given_does_not_count(office: Office) -> None:
    await office.earn(1)
    for _ in range(20):
        assert (await office.post("/v1/members/credits", credit(-900))).status_code == 409
    await office.done("/v1/members/credits", credit(900))


async def test_a_large_credit_waits_for_another_key(office: Office, database_url: str) -> None:
    await office.earn(1)
    approval_id = await waiting(office)
    assert await office.points() == 1
    (item,) = (await office.get("/v1/approvals", "lead")).json()["items"]
    assert (item["approval_id"], item["msisdn"], item["asked_by"]) == (approval_id, "+7921*****01", "care")
    assert item["asked"] == {"unit": "points", "amount": 1000, "reason": "apology", "comment": "lost SMS"}

    own = await decide(office, approval_id, "approve", "care")
    assert (own.status_code, own.json()["title"]) == (403, "same key")
    answers = await asyncio.gather(*(decide(office, approval_id, "approve", "only-approve") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await office.points() == 1001
    assert (await decide(office, approval_id, "reject", "lead")).status_code == 409
    assert (await office.get("/v1/approvals", "lead")).json()["items"] == []
    (over,) = (await office.get("/v1/approvals", "lead", state="done")).json()["items"]
    assert (over["decided_by"], over["comment"]) == ("only-approve", "seen")
    assert await verify(database_url) == ()


async def test_a_rejected_credit_is_never_booked(office: Office) -> None:
    await office.earn(1)
    approval_id = await waiting(office)
    assert (await decide(office, approval_id, "reject", "lead", key="no")).json()["state"] == "rejected"
    assert (await decide(office, approval_id, "reject", "lead", key="no")).json()["state"] == "rejected"
    assert (await decide(office, approval_id, "approve", "lead")).status_code == 409
    assert await office.points() == 1
    assert (await decide(office, 999, "approve", "lead")).status_code == 404


async def test_what_waited_too_long_is_not_approved(office: Office) -> None:
    await office.earn(1)
    approval_id = await waiting(office)
    await office.http.post("/demo/clock", json={"advance_s": 8 * 86_400})
    late = await decide(office, approval_id, "approve", "lead")
    assert (late.status_code, late.json()["title"]) == (409, "too old")
    assert (await decide(office, approval_id, "reject", "lead")).status_code == 200


async def test_approvals_are_paged(office: Office) -> None:
    await office.earn(1)
    asked = [await waiting(office, who=who) for who in ("care", "lead", "care")]
    seen, cursor = [], None
    while True:
        page = (await office.get("/v1/approvals", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        seen += [item["approval_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(asked, reverse=True)


async def test_an_accrual_is_taken_back_and_a_debt_remains(office: Office) -> None:
    await office.earn(100)
    accrual = (await movements(office))[0]["transfer_id"]
    await office.done("/v1/members/credits", credit(-60))
    body = {"msisdn": NUMBER, "transfer_id": accrual, "claw_back": "unlimited", "comment": "wrong tariff"}
    moved = await office.done("/v1/members/reversals", body, key="r")
    assert (moved["amount"], moved["shortfall"]) == (40, 60)
    assert await office.done("/v1/members/reversals", body, key="r") == moved
    over = await office.post("/v1/members/reversals", body)
    assert (over.status_code, over.json()["title"]) == (409, "too much")
    member = await office.done("/v1/members/lookup", {"msisdn": NUMBER})
    assert member["balances"][-1] | {"expires_at": None} == {
        "unit": "points", "available": 0, "held": 0, "pending": 0, "expiring": 0, "expires_at": None, "debt": 60,
    }  # fmt: skip


async def test_only_a_spend_of_this_member_is_refunded(office: Office) -> None:
    await office.earn(100)
    await office.earn(100, OTHER)
    accrual = (await movements(office))[0]["transfer_id"]
    for msisdn, transfer_id in ((NUMBER, accrual), (OTHER, accrual), (NUMBER, 10**12)):
        body = {"msisdn": msisdn, "transfer_id": transfer_id, "into_expired": "fresh", "comment": "c"}
        answer = await office.post("/v1/members/refunds", body)
        assert (answer.status_code, answer.json()["title"]) == (404, "no transfer")


async def test_every_act_is_in_the_audit_log(office: Office, database_url: str) -> None:
    await office.earn(1)
    await office.done("/v1/members/credits", credit(10))
    await decide(office, await waiting(office), "approve", "lead")
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "select actor, action, facts::text from audit_log where actor like 'api:%' order by audit_id"
    )
    await connection.close()
    assert [(row["actor"], row["action"]) for row in rows] == [
        ("api:care", "adjust"),
        ("api:care", "ask_approval"),
        ("api:lead", "adjust"),
        ("api:lead", "decide_approval"),
    ]
    assert not [row for row in rows if "7770001" in row["facts"]]
