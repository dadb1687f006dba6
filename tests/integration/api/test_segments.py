"""Segments and tiers over the API: what the operator hands in is there at the first dial, once, and in the log."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from gateway.loyalty.ports import Member, Status
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from gateway.store.segments import CHANGE_MAX
from gateway.store.verify import verify
from tests.integration import grouped
from tests.integration.api.office import NOBODY, NUMBER, OTHER, Office
from tests.integration.store.traffic import LASTS_MAX_S, number

pytestmark = pytest.mark.anyio

VIP, AT_RISK = "/v1/segments/vip/members", "/v1/segments/at_risk/members"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return grouped.pack()


async def seen(ledger: Ledger, msisdn: str = NUMBER) -> Member:
    """The member as a hop sees it."""
    member = await ledger.member(Msisdn(msisdn), datetime.now(UTC))
    assert member is not None
    return member


async def counts(office: Office) -> dict[str, int]:
    items = (await office.get("/v1/segments")).json()["items"]
    return {item["segment"]: item["members"] for item in items}


async def acts(database_url: str) -> list[tuple[str, dict[str, Any]]]:
    """What the audit log has of this caller."""
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("select action, facts from audit_log where actor = 'api:care' order by audit_id")
    await connection.close()
    return [(row["action"], json.loads(row["facts"])) for row in rows]


async def test_members_are_put_in_and_taken_out(office: Office, ledger: Ledger) -> None:
    await office.earn(5)
    await office.earn(5, OTHER)
    assert await counts(office) == {"at_risk": 0, "vip": 0}
    assert await office.done(VIP, {"add": [NUMBER, "8 (921) 777-00-02", OTHER]}) == {
        "segment": "vip", "added": 2, "removed": 0,
    }  # fmt: skip
    assert (await office.done(AT_RISK, {"add": [NUMBER]}))["added"] == 1
    assert await counts(office) == {"at_risk": 1, "vip": 2}
    assert (await seen(ledger)).segments == {"at_risk", "vip"}
    both = await office.done(VIP, {"add": [OTHER, NOBODY], "remove": [NUMBER, "+79217770008"]})
    assert both == {"segment": "vip", "added": 1, "removed": 1}, "the others were in, or out, already"
    assert ((await seen(ledger)).segments, (await seen(ledger, OTHER)).segments) == ({"at_risk"}, {"vip"})
    assert (await ledger.member(Msisdn("+79217770008"), datetime.now(UTC))) is None, "nobody comes by being taken out"
    shown = await office.done("/v1/members/lookup", {"msisdn": NUMBER})
    assert (shown["segments"], shown["tier"]) == (["at_risk"], None)


async def test_a_tier_is_given_and_taken(office: Office, ledger: Ledger) -> None:
    await office.earn(5)
    for tier in ("gold", "bronze", None):
        given = await office.done("/v1/members/tier", {"msisdn": NUMBER, "tier": tier})
        assert given == {"msisdn": "+7921*****01", "tier": tier}
        assert (await seen(ledger)).tier == tier
        assert (await office.done("/v1/members/lookup", {"msisdn": NUMBER}))["tier"] == tier


async def test_the_first_dial_finds_what_a_number_was_put_into(office: Office, ledger: Ledger, pack: Pack) -> None:
    await office.done(VIP, {"add": [NOBODY]})
    await office.done("/v1/members/tier", {"msisdn": OTHER, "tier": "silver"})
    assert (await seen(ledger, NOBODY)).status is Status.INVITED
    loyalty = Loyalty(pack.programme, ledger)
    first = [await loyalty.recognise(Msisdn(one), datetime.now(UTC)) for one in (NOBODY, OTHER)]
    assert [(one.status, one.segments, one.tier) for one in first] == [
        (Status.ACTIVE, {"vip"}, None), (Status.ACTIVE, frozenset(), "silver"),
    ]  # fmt: skip
    assert [await seen(ledger, NOBODY), await seen(ledger, OTHER)] == first, "and so does the second"


async def test_who_never_came_has_no_tier_to_lose(office: Office) -> None:
    answer = await office.post("/v1/members/tier", {"msisdn": NOBODY, "tier": None})
    assert (answer.status_code, answer.json()["title"]) == (404, "no member")
    assert (await office.post("/v1/members/lookup", {"msisdn": NOBODY})).status_code == 404


async def test_a_request_under_its_key_is_carried_out_once(office: Office, ledger: Ledger) -> None:
    first = await office.done(VIP, {"add": [NUMBER]}, key="a")
    await office.done(VIP, {"remove": [NUMBER]})
    assert await office.done(VIP, {"add": [NUMBER]}, key="a") == first == {"segment": "vip", "added": 1, "removed": 0}
    assert (await seen(ledger)).segments == frozenset(), "what came later stands"
    assert (await office.post(VIP, {"add": [OTHER]}, key="a")).status_code == 422


async def test_what_changed_is_in_the_log_and_in_the_members_timeline(office: Office, database_url: str) -> None:
    for _ in range(2):
        await office.done(VIP, {"add": [NUMBER, OTHER]})
        await office.done("/v1/members/tier", {"msisdn": NUMBER, "tier": "gold"})
    await office.done(VIP, {"remove": [OTHER]})
    log = await acts(database_url)
    vip = {"segment": "vip"}
    assert log == [
        ("join_segment", vip),
        ("join_segment", vip),
        ("set_tier", {"tier": "gold", "was": None}),
        ("leave_segment", vip),
    ]
    assert "7770001" not in str(log)
    told = (await office.done("/v1/timeline", {"msisdn": OTHER}))["items"]
    assert [one["facts"]["action"] for one in told if one["what"] == "act"] == ["leave_segment", "join_segment"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param({}, "from 1 to 1000 numbers", id="nobody"),
        pytest.param({"add": [number(place) for place in range(CHANGE_MAX + 1)]}, "add", id="too many"),
        pytest.param(
            {"add": [number(place) for place in range(CHANGE_MAX)], "remove": [NUMBER]}, "1000", id="too many together"
        ),
        pytest.param({"add": [NUMBER, "hello", OTHER, "+7"]}, "add.3", id="too short for a number"),
        pytest.param({"add": [NUMBER, "hello", "world", OTHER]}, "add.1: not a subscriber's number", id="words"),
        pytest.param({"add": [NUMBER], "remove": ["hello", "world"]}, "remove.1: not a", id="each by its place"),
        pytest.param({"add": ["words"] * 7}, "and 2 more", id="but not all of them"),
        pytest.param({"add": [NUMBER, OTHER], "remove": ["89217770001"]}, "remove.0: this number is in", id="both"),
        pytest.param({"add": [NUMBER], "except": []}, "extra", id="a word we do not know"),
    ],
)
async def test_what_cannot_be_done_as_a_whole_is_not_begun(
    office: Office, ledger: Ledger, body: dict[str, Any], says: str
) -> None:
    answer = await office.post(VIP, body)
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["detail"].lower()
    assert "7770001" not in answer.text
    assert await ledger.member(Msisdn(NUMBER), datetime.now(UTC)) is None
    assert await counts(office) == {"at_risk": 0, "vip": 0}


async def test_a_name_that_the_programme_does_not_have_is_told_with_those_it_has(office: Office) -> None:
    segment = await office.post("/v1/segments/vips/members", {"add": [NUMBER]})
    assert (segment.status_code, segment.json()["title"]) == (404, "no segment")
    assert "at_risk, vip" in segment.json()["detail"]
    tier = await office.post("/v1/members/tier", {"msisdn": NUMBER, "tier": "platinum"})
    assert tier.status_code == 400
    assert "bronze, silver, gold" in tier.json()["detail"]
    assert (await office.post("/v1/members/lookup", {"msisdn": NUMBER})).status_code == 404


async def test_as_many_as_one_request_may_name(office: Office) -> None:
    numbers = [number(place) for place in range(CHANGE_MAX)]
    assert await office.done(VIP, {"add": numbers}) == {"segment": "vip", "added": CHANGE_MAX, "removed": 0}
    assert await office.done(VIP, {"remove": numbers}) == {"segment": "vip", "added": 0, "removed": CHANGE_MAX}
    assert await counts(office) == {"at_risk": 0, "vip": 0}


async def test_uploads_of_the_same_numbers_do_not_stop_each_other(
    office: Office, ledger: Ledger, database_url: str
) -> None:
    numbers = [number(place) for place in range(400)]
    first, last = numbers[:200], numbers[200:]
    async with asyncio.timeout(LASTS_MAX_S):
        for _ in range(5):
            answers = await asyncio.gather(
                office.post(VIP, {"add": first, "remove": last}),
                office.post(VIP, {"add": last, "remove": first}),
                office.post(AT_RISK, {"add": numbers[::-1]}),
                office.post(AT_RISK, {"add": numbers}),
            )
            assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert await counts(office) == {"at_risk": 400, "vip": 200}
    ends = [(await seen(ledger, one)).segments for one in (first[0], last[0])]
    assert {"vip", "at_risk"} in ends
    assert {"at_risk"} in ends
    assert await verify(database_url) == (), "the counts are those of the members"
