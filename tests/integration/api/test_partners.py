"""Purchases at partners: what they earn comes from the partner's own account, and goes back to it."""

from typing import Any

import asyncpg
import pytest

from gateway.store.verify import AccountHeld, accounts, moved, verify
from tests.integration.api.office import NUMBER, Office
from tests.integration.store.traffic import AT, YEAR

pytestmark = pytest.mark.anyio


def purchase(event_id: str = "p1", amount: int = 100_000, partner: object = "kinograd") -> dict[str, Any]:
    return {"id": event_id, "type": "purchase", "msisdn": NUMBER, "amount": amount, "partner": partner}


async def sent(office: Office, event: dict[str, Any]) -> dict[str, Any]:
    answer = await office.http.post("/v1/events", json=event, headers={"x-api-key": "care"})
    [item] = answer.json()["items"]
    return dict(item)


async def held(database_url: str) -> dict[str, int]:
    """What each account holds of points; a demo's members have some already."""
    return {one.account: one.amount for one in await accounts(database_url, AT + 100 * YEAR) if one.unit == "points"}


async def test_the_partners_are_listed(office: Office) -> None:
    listed = (await office.get("/v1/partners")).json()
    assert listed == {"items": [{"partner": "kinograd", "label": {"ru": "Киноград", "en": "Kinograd"}}]}


async def test_a_purchase_is_given_by_its_partner_once(office: Office, database_url: str) -> None:
    before = await held(database_url)
    first, again = await sent(office, purchase()), await sent(office, purchase())
    assert (first["outcome"], again["outcome"]) == ("accepted", "repeated")
    assert first["earned"] == [{"unit": "points", "amount": 5_000, "rule": "kinograd"}]
    assert (await sent(office, purchase(partner="kiosk")))["outcome"] == "refused", "another purchase, by its id"
    await office.earn(10)
    after = await held(database_url)
    assert after["partner:kinograd"] == -5_000
    assert (after["member"] - before["member"], after["issuance"] - before["issuance"]) == (5_010, -10)
    acts = (await office.done("/v1/timeline", {"msisdn": NUMBER}))["items"]
    [facts] = [item["facts"] for item in acts if item["what"] == "event" and item["facts"]["type"] == "purchase"]
    assert (facts["partner"], facts["amount"]) == ("kinograd", 100_000)
    assert await verify(database_url) == ()


@pytest.mark.parametrize(("claw_back", "left"), [("within_balance", -1_000), ("unlimited", 0)])
async def test_a_purchase_that_is_refunded_goes_back_to_its_partner(
    office: Office, database_url: str, claw_back: str, left: int
) -> None:
    """All of it, or as much as was still there: 1,000 of 5,000 are spent."""
    issued = (await held(database_url))["issuance"]
    await sent(office, purchase())
    [line] = (await office.done("/v1/members/statement", {"msisdn": NUMBER}))["items"]
    credit = {"msisdn": NUMBER, "unit": "points", "amount": -500, "reason": "slip", "comment": "x"}
    for _ in range(2):
        await office.done("/v1/members/credits", credit)
    reversal = {"msisdn": NUMBER, "transfer_id": line["transfer_id"], "reason": "refund", "comment": "x"}
    part = await office.done("/v1/members/reversals", reversal | {"amount": 1_500, "claw_back": claw_back})
    assert (part["amount"], part["shortfall"]) == (1_500, 0)
    assert (await held(database_url))["partner:kinograd"] == -3_500
    rest = await office.done("/v1/members/reversals", reversal | {"claw_back": claw_back})
    assert (rest["amount"], rest["shortfall"]) == (2_500, 1_000)
    after = await held(database_url)
    assert (after["partner:kinograd"], after["issuance"]) == (left, issued)
    assert await verify(database_url) == ()


async def test_what_a_partner_gave_is_summed_by_month(office: Office, database_url: str) -> None:
    await sent(office, purchase())
    connection = await asyncpg.connect(database_url)
    at = await connection.fetchval("select max(at) from transfer")
    await connection.close()
    given = AccountHeld("partner:kinograd", "points", -5_000)
    assert given in await moved(database_url, at, at + YEAR)
    assert given not in await moved(database_url, at - YEAR, at), "the end is the first moment after it"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"partner": "kiosk"}, "no such partner; there are: kinograd", id="nobody's"),
        pytest.param({"partner": None}, "partner: missing", id="no partner"),
        pytest.param({"amount": None}, "amount: missing", id="no amount"),
        pytest.param({"partner": "Kino Grad"}, "partner: String should match", id="no code"),
        pytest.param({"type": "charge"}, "partner: not with charge", id="a charge"),
    ],
)
async def test_what_is_no_purchase_is_refused(office: Office, change: dict[str, object], says: str) -> None:
    item = await sent(office, purchase() | change)
    assert item["outcome"] == "refused"
    assert says in item["detail"]
