"""A member's language by staff's word: the menu's own verb, once, on every channel, with its line of the audit log."""

from datetime import UTC, datetime

import pytest

from gateway.actions import verbs
from gateway.actions.verb import Call
from gateway.ids import IdempotencyKey
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from tests.integration.api.office import NOBODY, NUMBER, Office

pytestmark = pytest.mark.anyio

LANGUAGE = "/v1/members/language"


async def spoken(pack: Pack, ledger: Ledger, msisdn: str) -> str:
    """In which language a dial is answered."""
    call = Call(Loyalty(pack.programme, ledger), Msisdn(msisdn), datetime.now(UTC), "ussd", IdempotencyKey("dial"))
    return (await verbs()["balance"].carry_out(call)).language


async def test_the_programmes_languages_are_listed(office: Office, pack: Pack) -> None:
    assert (await office.get("/v1/languages")).json() == {"languages": list(pack.programme.languages)}


async def test_a_member_is_spoken_to_in_the_language_that_staff_chose(
    office: Office, pack: Pack, ledger: Ledger
) -> None:
    await office.earn(5)
    assert await spoken(pack, ledger, NUMBER) == "ru"
    body = {"msisdn": NUMBER, "language": "en"}
    assert await office.done(LANGUAGE, body) == {"msisdn": "+7921*****01", "language": "en"}
    assert await spoken(pack, ledger, NUMBER) == "en"
    assert (await office.done("/v1/members/lookup", {"msisdn": NUMBER}))["language"] == "en"
    acts = (await office.done("/v1/timeline", {"msisdn": NUMBER}))["items"]
    [act] = [item["facts"] for item in acts if item["what"] == "act"]
    assert (act["actor"], act["action"]) == ("api:care", "choose_language")
    assert (act["facts"]["was"], act["facts"]["language"]) == ("ru", "en")


async def test_the_number_may_stand_in_the_path(office: Office, pack: Pack, ledger: Ledger) -> None:
    await office.earn(5)
    headers = {"x-api-key": "care", "idempotency-key": "one"}
    answer = await office.http.put(f"/v1/members/{NUMBER}/language", json={"language": "en"}, headers=headers)
    assert (answer.status_code, answer.json()["language"]) == (200, "en")
    assert await spoken(pack, ledger, NUMBER) == "en"


async def test_a_repeat_does_not_undo_what_was_chosen_since(office: Office, pack: Pack, ledger: Ledger) -> None:
    await office.earn(5)
    first = await office.done(LANGUAGE, {"msisdn": NUMBER, "language": "en"}, key="one")
    await office.done(LANGUAGE, {"msisdn": NUMBER, "language": "ru"}, key="two")
    assert await office.done(LANGUAGE, {"msisdn": NUMBER, "language": "en"}, key="one") == first
    assert await spoken(pack, ledger, NUMBER) == "ru"
    other = await office.post(LANGUAGE, {"msisdn": NUMBER, "language": "ru"}, key="one")
    assert other.status_code == 422


async def test_a_number_that_never_came_comes_to_its_language(office: Office, pack: Pack, ledger: Ledger) -> None:
    await office.done(LANGUAGE, {"msisdn": NOBODY, "language": "en"})
    shown = await office.done("/v1/members/lookup", {"msisdn": NOBODY})
    assert (shown["status"], shown["language"], shown["terms_version"]) == ("invited", "en", "")
    await office.done(LANGUAGE, {"msisdn": NOBODY, "language": "ru"})
    await office.done(LANGUAGE, {"msisdn": NOBODY, "language": "en"})
    assert await spoken(pack, ledger, NOBODY) == "en"
    assert (await office.done("/v1/members/lookup", {"msisdn": NOBODY}))["status"] == "active"
    assert await spoken(pack, ledger, NOBODY) == "en"


async def test_a_blocked_member_is_left_alone(office: Office) -> None:
    await office.done("/v1/members/block", {"msisdn": NUMBER, "reason": "fraud"})
    answer = await office.post(LANGUAGE, {"msisdn": NUMBER, "language": "en"})
    assert (answer.status_code, answer.json()["title"]) == (409, "blocked")
    assert (await office.done("/v1/members/lookup", {"msisdn": NUMBER}))["language"] == "ru"


@pytest.mark.parametrize("language", ["fr", "EN", "", "english", None])
async def test_what_the_programme_does_not_speak_is_refused(office: Office, language: str | None) -> None:
    await office.earn(5)
    answer = await office.post(LANGUAGE, {"msisdn": NUMBER, "language": language})
    assert (answer.status_code, answer.json()["title"]) == (400, "bad request")
