"""Gift codes over the API: handed over once, kept nowhere, stopped by serial number, and limited by the day."""

import asyncio
import itertools
from typing import Any

import asyncpg
import pytest

from gateway.actions import verbs
from gateway.actions.verb import Call
from gateway.ids import IdempotencyKey
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from tests.integration.api.office import NUMBER, OTHER, Office
from tests.integration.store.traffic import AT, YEAR

pytestmark = pytest.mark.anyio

POINTS = {"unit": "points", "amount": 500}
BOUND = {"campaign": "spring", "grant": POINTS, "msisdns": [NUMBER, OTHER]}
BEARER = {"campaign": "cards", "grant": POINTS, "count": 3}

_ordinals = itertools.count(1)


@pytest.fixture
def loyalty(ledger: Ledger, pack: Pack) -> Loyalty:
    """The programme, as menus and keywords have it."""
    return Loyalty(pack.programme, ledger)


async def redeemed(loyalty: Loyalty, gift_code: str, msisdn: str = NUMBER) -> str:
    """What the verb answers."""
    key = IdempotencyKey(f"redeem {next(_ordinals)}")
    at = AT + YEAR / 366  # a day later: valid, and after whatever was issued during the test
    call = Call(loyalty, Msisdn(msisdn), at, "ussd", key, {"gift_code": gift_code})
    return (await verbs()["redeem"].carry_out(call)).name


async def issued(office: Office, body: dict[str, Any], key: str | None = None, who: str = "care") -> dict[str, Any]:
    batch: dict[str, Any] = await office.done("/v1/codes/batches", body, who, key, status=201)
    return batch


async def test_codes_are_handed_over_once_and_work(office: Office, loyalty: Loyalty, database_url: str) -> None:
    batch = await issued(office, BOUND, key="b")
    assert [code["msisdn"] for code in batch["codes"]] == [NUMBER, OTHER]
    assert all(len(code["gift_code"]) == 6 for code in batch["codes"])
    again = await issued(office, BOUND, key="b")
    assert again == batch | {"codes": None}
    first, second = (code["gift_code"] for code in batch["codes"])
    if first != second:
        assert await redeemed(loyalty, second) == "refused"
    assert await redeemed(loyalty, first) == "redeemed"
    (line,) = (await office.get("/v1/codes/batches")).json()["items"]
    assert (line["batch_id"], line["count"], line["redeemed"], line["issued_by"]) == (
        batch["batch_id"], 2, 1, "api:care",
    )  # fmt: skip
    connection = await asyncpg.connect(database_url)
    kept = await connection.fetchval("select string_agg(body, ' ') from api_request")
    await connection.close()
    assert first not in kept
    assert "7770001" not in kept


async def test_ten_copies_at_once_issue_one_batch(office: Office) -> None:
    answers = await asyncio.gather(*(issued(office, BEARER, key="same") for _ in range(10)))
    assert len({answer["batch_id"] for answer in answers}) == 1
    assert sum(answer["codes"] is not None for answer in answers) == 1
    assert len((await office.get("/v1/codes/batches")).json()["items"]) == 1


async def test_codes_are_stopped_by_serial_number(office: Office, loyalty: Loyalty) -> None:
    codes = (await issued(office, BEARER))["codes"]
    span = {"first": codes[0]["serial"], "last": codes[1]["serial"], "comment": "lost parcel"}
    assert await office.done("/v1/codes/freeze", span) == {"turned": 2, "left_alone": 0}
    assert await redeemed(loyalty, codes[0]["gift_code"]) == "refused"
    assert await office.done("/v1/codes/unfreeze", span, key="u") == {"turned": 2, "left_alone": 0}
    assert await office.done("/v1/codes/unfreeze", span, key="u") == {"turned": 2, "left_alone": 0}
    assert await redeemed(loyalty, codes[0]["gift_code"]) == "redeemed"
    assert await office.done("/v1/codes/void", span) == {"turned": 1, "left_alone": 1}
    assert await redeemed(loyalty, codes[1]["gift_code"]) == "refused"
    assert await redeemed(loyalty, codes[2]["gift_code"]) == "redeemed"


async def test_a_batch_whose_answer_was_lost_is_stopped(office: Office, loyalty: Loyalty) -> None:
    batch, other = await issued(office, BEARER, key="lost"), await issued(office, BEARER)
    batch_id = (await issued(office, BEARER, key="lost"))["batch_id"]
    first, second, third = batch["codes"]
    assert await redeemed(loyalty, first["gift_code"]) == "redeemed"
    span = {"first": second["serial"], "last": second["serial"], "comment": "c"}
    await office.done("/v1/codes/freeze", span)
    path, why = f"/v1/codes/batches/{batch_id}/void", {"comment": "the answer was lost"}
    assert await office.done(path, why, key="v") == {"turned": 2, "left_alone": 1}
    assert await redeemed(loyalty, second["gift_code"]) == "refused"
    assert await redeemed(loyalty, third["gift_code"]) == "refused"
    assert await office.points() == POINTS["amount"], "what was redeemed before stays so"
    assert await office.done(path, why, key="v") == {"turned": 2, "left_alone": 1}, "a repeat has the first answer"
    assert await office.done(path, why) == {"turned": 0, "left_alone": 3}, "it was void already"
    assert await issued(office, BEARER, key="lost") == batch | {"codes": None}
    assert [line["state"] for line in (await office.get("/v1/codes/batches")).json()["items"]] == ["active", "void"]
    assert await redeemed(loyalty, other["codes"][0]["gift_code"]) == "redeemed"


async def test_the_stop_of_a_batch_is_in_the_audit_log_once(office: Office, database_url: str) -> None:
    batch_id = (await issued(office, BEARER))["batch_id"]
    for key in ("one", "one", "two"):
        await office.done(f"/v1/codes/batches/{batch_id}/void", {"comment": "c"}, key=key)
    connection = await asyncpg.connect(database_url)
    acts = await connection.fetch("select actor, subject from audit_log where action = 'turn_batch'")
    await connection.close()
    assert [tuple(act) for act in acts] == [("api:care", f"batch:{batch_id}")]


async def test_only_a_batch_that_is_there_is_stopped_and_only_by_whoever_may(office: Office) -> None:
    batch_id = (await issued(office, BEARER))["batch_id"]
    nothing = await office.post(f"/v1/codes/batches/{batch_id + 1}/void", {"comment": "c"})
    assert (nothing.status_code, nothing.json()["title"]) == (404, "no batch")
    assert nothing.headers["content-type"] == "application/problem+json"
    for who in ("only-orders", "only-members"):
        assert (await office.post(f"/v1/codes/batches/{batch_id}/void", {"comment": "c"}, who)).status_code == 403
    assert (await office.post(f"/v1/codes/batches/{batch_id}/void", {})).status_code == 400, "it says why"
    assert [line["state"] for line in (await office.get("/v1/codes/batches")).json()["items"]] == ["active"]


async def test_care_unlocks_a_number(office: Office, loyalty: Loyalty) -> None:
    names = [await redeemed(loyalty, "999999") for _ in range(5)]
    assert names[-1] == "locked"
    await office.http.post("/demo/clock", json={"advance_s": 86_400})
    assert (await office.done("/v1/members/lookup", {"msisdn": NUMBER}))["lock"]["strikes"] == 1
    assert await office.done("/v1/codes/unlock", {"msisdn": NUMBER}) == {"was_locked": True}
    assert await office.done("/v1/codes/unlock", {"msisdn": NUMBER}) == {"was_locked": False}
    assert (await office.post("/v1/codes/unlock", {"msisdn": OTHER})).status_code == 404
    assert await redeemed(loyalty, "999999") == "refused"


async def test_beyond_its_day_a_batch_waits_and_is_issued_to_whoever_asked(office: Office) -> None:
    large = BEARER | {"grant": POINTS | {"amount": 40_000}}
    asked = await office.done("/v1/codes/batches", large, status=202)
    (item,) = (await office.get("/v1/approvals", "lead")).json()["items"]
    assert item["asked"] == {
        "campaign": "cards", "grant": "points=40000", "count": 3, "bound": False, "digits": 10, "valid_days": 90,
        "worth": 120_000, "unit": "points",
    }  # fmt: skip
    word = large | {"approval_id": asked["approval_id"]}
    early = await office.post("/v1/codes/batches", word)
    assert (early.status_code, early.json()["title"]) == (409, "not approved")
    path = f"/v1/approvals/{asked['approval_id']}/approve"
    assert (await office.done(path, {"comment": "planned"}, "lead")) | {"moved": None} == {
        "approval_id": asked["approval_id"], "state": "approved", "moved": None,
    }  # fmt: skip
    for body, who in ((word | {"count": 4}, "care"), (word, "lead")):
        assert (await office.post("/v1/codes/batches", body, who)).status_code in {404, 409}
    answers = await asyncio.gather(*(office.post("/v1/codes/batches", word) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"grant": {"unit": "stars", "amount": 5}}, "points=500", id="unknown unit"),
        pytest.param({"grant": {"reward": "moon"}}, "there are: minutes_60", id="unknown reward"),
        pytest.param({"count": None}, "how many?", id="neither count nor numbers"),
        pytest.param({"digits": 6}, "bound to `msisdns`", id="short codes for anybody"),
        pytest.param({"digits": 8}, "digits", id="neither short nor long"),
        pytest.param({"msisdns": [NUMBER], "count": 3}, "there are 1 msisdns", id="two counts"),
        pytest.param({"msisdns": [NUMBER, "8921 777 00 01"], "count": None}, "comes twice", id="a number twice"),
        pytest.param({"msisdns": [NUMBER, "hello"], "count": None}, "msisdns.1", id="no number"),
        pytest.param({"count": 10_001}, "count", id="more than one answer holds"),
        pytest.param({"campaign": "a b"}, "campaign", id="a space"),
    ],
)
async def test_what_cannot_be_issued_is_explained(office: Office, changes: dict[str, Any], says: str) -> None:
    body = {name: value for name, value in (BEARER | changes).items() if value is not None}
    answer = await office.post("/v1/codes/batches", body)
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"]
    assert "7770001" not in answer.text
    assert (await office.get("/v1/codes/batches")).json()["items"] == []


async def test_serial_numbers_that_make_no_range_are_refused(office: Office) -> None:
    one, other = [(await issued(office, BEARER))["codes"] for _ in range(2)]
    for first, last, status in ((one[1], one[0], 409), (one[0], other[0], 409)):
        body = {"first": first["serial"], "last": last["serial"], "comment": "c"}
        assert (await office.post("/v1/codes/freeze", body)).status_code == status
    mistyped = {"first": "0001-000001-0", "last": "0001-000001-0", "comment": "c"}
    assert "mistyped" in (await office.post("/v1/codes/freeze", mistyped)).json()["detail"]


async def test_ten_thousand_codes_come_in_one_answer(office: Office) -> None:
    batch = await issued(office, BEARER | {"grant": POINTS | {"amount": 1}, "count": 10_000})
    assert len({code["gift_code"] for code in batch["codes"]}) == 10_000


async def test_batches_are_paged(office: Office) -> None:
    batches = [(await issued(office, BEARER))["batch_id"] for _ in range(3)]
    first = (await office.get("/v1/codes/batches", limit=2)).json()
    second = (await office.get("/v1/codes/batches", limit=2, cursor=first["next"])).json()
    assert [item["batch_id"] for item in first["items"] + second["items"]] == batches[::-1]
    assert second["next"] is None
