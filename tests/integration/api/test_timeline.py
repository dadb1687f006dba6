"""The timeline of a number: everything that happened, newest first, and nothing that must not be seen."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from gateway.ids import IdempotencyKey
from gateway.loyalty.writes import RecordConsent
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from tests.integration.api.office import NUMBER, OTHER, Office
from tests.integration.store.gift_codes import tries
from tests.integration.store.traffic import AT

pytestmark = pytest.mark.anyio


async def told(office: Office, **more: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await office.done("/v1/timeline", {"msisdn": NUMBER} | more))["items"]
    return items


async def busy(office: Office, ledger: Ledger, database_url: str) -> None:
    """A member to whom everything happened, and another to whom something else did."""
    await office.earn(100)
    await office.earn(100, OTHER)
    event = {"id": f"{NUMBER}/17", "type": "charge", "msisdn": NUMBER, "amount": 5000}
    await office.http.post("/v1/events", json=event, headers={"x-api-key": "care"})
    member = await ledger.member(Msisdn(NUMBER), AT)
    assert member is not None
    await tries(ledger, member.member_id, 5, AT)
    await ledger.write(
        RecordConsent(member.member_id, True, "sms", "2026-11", IdempotencyKey("consent")), AT + timedelta(seconds=1)
    )
    credit = {"msisdn": NUMBER, "unit": "points", "amount": 10, "reason": "apology", "comment": "lost SMS"}
    await office.done("/v1/members/credits", credit)
    await office.done("/v1/codes/unlock", {"msisdn": NUMBER})
    connection = await asyncpg.connect(database_url)
    await connection.execute(TEXTED, member.member_id, AT)
    await connection.close()


TEXTED = """
with said as (
  insert into outbox (member_id, smsc, short_number, kind, lane, when_in_doubt, reply, outcome, facts, language,
                      pack_version_id, at, expires_at, state, parts)
  values ($1, 'main', '6111', 'reply', 'reply', 'resend', 'balance', 'shown', '{"secret": "fact"}', 'ru', 1, $2,
          $2::timestamptz + interval '10 minutes', 'delivered', 1)
  returning message_id
), part as (
  insert into outbox_part (message_id, part, smsc, smsc_message_id, state)
  select message_id, 1, 'main', 'x', 'delivered' from said
)
insert into inbox (member_id, identity, key, smsc, short_number, said, message_id, answer, at)
select $1, '\\x00', 'k', 'main', '6111', 'balance', message_id, 'ok', $2 from said"""


async def test_everything_is_told_and_nothing_is_given_away(office: Office, ledger: Ledger, database_url: str) -> None:
    await busy(office, ledger, database_url)
    items = await told(office)
    assert {item["what"] for item in items} == {
        "text", "message", "posting", "event", "consent", "code_attempt", "lock", "act", "enrolled",
    }  # fmt: skip
    assert [item["at"] for item in items] == sorted((item["at"] for item in items), reverse=True)
    by_what = {item["what"]: item["facts"] for item in items}
    assert by_what["text"]["taken_for"] == "balance"
    message = by_what["message"]
    assert (message["says"], message["state"]) == ("balance:shown", "delivered")
    assert message["parts"] == [{"part": 1, "state": "delivered", "error": ""}]
    assert by_what["code_attempt"] == {"cause": "unknown", "channel": "ussd"}
    assert by_what["lock"]["facts"]["strikes"] == 1
    acts = [item["facts"] for item in items if item["what"] == "act"]
    assert {(act["actor"], act["action"]) for act in acts} == {
        ("api:care", "adjust"), ("api:care", "unlock_redeeming"),
    }  # fmt: skip
    events = [item["facts"]["event_id"] for item in items if item["what"] == "event"]
    assert "+7921*****01/17" in events
    shown = json.dumps(items)
    for secret in ("7770001", "999999", "secret", "7770002"):
        assert secret not in shown


async def test_it_is_the_same_however_it_is_paged(office: Office, ledger: Ledger, database_url: str) -> None:
    await busy(office, ledger, database_url)
    whole = await told(office)
    for limit in (1, 2, 5):
        seen: list[Any] = []
        cursor: str | None = None
        while True:
            page = await office.done("/v1/timeline", {"msisdn": NUMBER, "limit": limit, "cursor": cursor})
            seen += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == whole


async def test_a_stretch_of_time_is_chosen(office: Office, ledger: Ledger, database_url: str, pack: Pack) -> None:
    await busy(office, ledger, database_url)
    consent = AT + timedelta(seconds=1)
    only = await told(office, **{"from": consent.isoformat(), "to": (consent + timedelta(microseconds=1)).isoformat()})
    assert "consent" in {item["what"] for item in only}
    assert {item["at"] for item in only} == {consent.isoformat().replace("+00:00", "Z")}
    await office.http.post("/demo/clock", json={"advance_s": 100 * 86_400})
    assert await told(office) == [], "without a beginning it is the last 92 days"
    assert len(await told(office, **{"from": "2020-01-01T00:00:00Z"})) > 5
    naive = await office.post("/v1/timeline", {"msisdn": NUMBER, "from": "2020-01-01T00:00:00"})
    assert naive.status_code == 400
