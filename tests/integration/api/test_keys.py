"""Keys that lie in the database: they open what their scopes say, until they are revoked."""

import httpx
import pytest

from gateway.api import keys as api_keys
from gateway.settings import Scope
from gateway.store import api_keys as stored
from gateway.store.ledger import Ledger
from tests.integration.api.office import NOBODY, Office
from tests.integration.store.traffic import AT

pytestmark = pytest.mark.anyio

SECRET = "drawn-from-256-bits"


async def look(office: Office, secret: str = SECRET) -> httpx.Response:
    return await office.post("/v1/members/lookup", {"msisdn": NOBODY}, who=secret)


async def test_a_stored_key_opens_what_it_may_until_it_is_revoked(
    office: Office, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "REMEMBERED_S", 0.0)
    assert (await look(office)).status_code == 401
    assert await stored.create(ledger, "crm", SECRET, [Scope.MEMBERS], "cli:test", AT)
    assert (await look(office)).status_code == 404
    assert (await office.get("/v1/switches", SECRET)).status_code == 403
    assert await stored.revoke(ledger, "crm", "cli:test", AT)
    assert not await stored.revoke(ledger, "crm", "cli:test", AT)
    assert (await look(office)).status_code == 401
    assert not await stored.create(ledger, "crm", "another", [Scope.MEMBERS], "cli:test", AT), "a name is for ever"
    (listed,) = await stored.listed(ledger)
    assert (listed.name, listed.scopes, listed.revoked_at) == ("crm", ["members"], AT)


async def test_a_strange_key_is_nobodys(office: Office) -> None:
    for secret in ("", "x" * 201, "x" * 4000):
        assert (await look(office, secret)).status_code == 401


async def test_a_body_is_not_read_from_strangers_nor_past_its_limit(office: Office) -> None:
    large = {"msisdn": "x" * (1024 * 1024)}
    assert (await office.post("/v1/members/lookup", large, who="nobody")).status_code == 401
    answer = await office.post("/v1/members/lookup", large)
    assert (answer.status_code, answer.json()["title"]) == (413, "body too large")
