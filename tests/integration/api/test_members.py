"""Members as staff see them: the whole account, the statement page by page; and nobody enrolled by being looked at."""

from typing import Any

import pytest

from gateway.ids import Amount, IdempotencyKey, Unit
from gateway.loyalty.writes import PlaceHold
from gateway.msisdn import Msisdn
from gateway.store.ledger import Ledger
from tests.integration.api.office import NOBODY, NUMBER, Office
from tests.integration.store.traffic import AT

pytestmark = pytest.mark.anyio


async def test_the_whole_account_is_shown_masked(office: Office, ledger: Ledger) -> None:
    await office.earn(100)
    await office.earn(50)
    member = await ledger.member(Msisdn(NUMBER), AT)
    assert member is not None
    await ledger.write(PlaceHold(member.member_id, Unit("points"), Amount(30), "r", "t", IdempotencyKey("h")), AT)
    shown = await office.done("/v1/members/lookup", {"msisdn": "8 (921) 777-00-01"})
    assert (shown["msisdn"], shown["status"], shown["tier"], shown["lock"]) == ("+7921*****01", "active", None, None)
    points = next(one for one in shown["balances"] if one["unit"] == "points")
    assert (points["available"], points["held"], points["pending"], points["debt"]) == (120, 30, 0, 0)
    assert points["expiring"] == 120
    assert points["expires_at"] == shown["lots"][0]["ends_at"]
    assert [(lot["amount"], lot["remaining"], lot["held"]) for lot in shown["lots"]] == [(100, 100, 30), (50, 50, 0)]
    assert [(hold["amount"], hold["unit"]) for hold in shown["holds"]] == [(30, "points")]
    assert (await office.get(f"/v1/members/{NUMBER}")).json() == shown
    assert "7770001" not in str(shown)


@pytest.mark.parametrize("path", ["/v1/members/lookup", "/v1/members/statement", "/v1/timeline", "/v1/orders/search"])
async def test_reading_enrols_nobody(office: Office, path: str) -> None:
    for _ in range(2):
        answer = await office.post(path, {"msisdn": NOBODY})
        assert (answer.status_code, answer.json()["title"]) == (404, "no member")
    assert (await office.get(f"/v1/members/{NOBODY}")).status_code == 404


async def test_a_statement_is_the_same_however_it_is_paged(office: Office) -> None:
    for amount in range(1, 8):
        await office.earn(amount)
    whole = (await office.done("/v1/members/statement", {"msisdn": NUMBER}))["items"]
    assert [item["amount"] for item in whole] == [7, 6, 5, 4, 3, 2, 1]
    for limit in (1, 2, 3, 7):
        seen: list[Any] = []
        cursor: str | None = None
        while True:
            page = await office.done("/v1/members/statement", {"msisdn": NUMBER, "limit": limit, "cursor": cursor})
            assert len(page["items"]) <= limit
            seen += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == whole


async def test_a_page_does_not_move_when_something_is_booked(office: Office) -> None:
    for amount in (1, 2, 3):
        await office.earn(amount)
    first = (await office.get(f"/v1/members/{NUMBER}/statement", limit=2)).json()
    await office.earn(4)
    second = (await office.get(f"/v1/members/{NUMBER}/statement", limit=2, cursor=first["next"])).json()
    assert [item["amount"] for item in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "bm9uZQ", "WyIyMDI2LTAxLTAxIiwtMV0", "W10"])
async def test_a_cursor_that_is_none_is_refused(office: Office, cursor: str) -> None:
    answer = await office.post("/v1/members/statement", {"msisdn": NUMBER, "cursor": cursor})
    assert (answer.status_code, answer.json()["title"]) == (400, "bad request")


async def test_a_member_is_blocked_and_let_go_on(office: Office) -> None:
    await office.earn(5)
    for word, status, credited in (("block", "blocked", 5), ("block", "blocked", 5), ("unblock", "active", 10)):
        body = {"msisdn": NUMBER, "reason": "stolen phone"}
        assert (await office.done(f"/v1/members/{word}", body))["status"] == status
        await office.earn(5)
        assert await office.points() == credited


async def test_a_number_that_never_came_is_blocked_too(office: Office) -> None:
    body = {"msisdn": NOBODY, "reason": "fraud"}
    assert (await office.post("/v1/members/unblock", body)).status_code == 404
    assert (await office.done("/v1/members/block", body))["status"] == "blocked"
    await office.earn(5, NOBODY)
    assert await office.points(NOBODY) == 0
    assert (await office.done("/v1/members/unblock", body))["status"] == "invited"
    await office.earn(5, NOBODY)
    assert await office.points(NOBODY) == 5
