"""Who dials decides what they see, from the first screen on."""

import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from gateway.app import Stores, create
from gateway.settings import Settings
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.fulfilment.test_working import living
from tests.integration.ussd.own_pack import Folder, Phone

pytestmark = pytest.mark.anyio

HOME = """\
  home_menu:
    one_page: true
"""
OTHER = """\
  home_menu:
    one_page: true
    instead:
      - {when: pilot.nobody, show: nothing_new}
      - {when: tier == 'gold', show: home_gold}
      - {when: segment.at_risk, show: home_stay}
"""
SCREENS = """\
  nothing_new:
    text: {ru: Новое, en: New}
    options: [{use: help}]
  home_gold:
    text: {ru: "Золото: {{ points | number }}", en: "Gold: {{ points | number }}"}
    options: [{use: help}]
  home_stay:
    text: {ru: Не уходите, en: Stay}
    options:
      - {use: help}
      - {key: "7", text: {ru: Пилот, en: Pilot}, go: help, when: pilot.everybody}

  expiry:
    call: balance
"""
FRAGMENTS = """\
pilots: {everybody: {percent: 100}, nobody: {percent: 0}}
fragments:
  options:
    help: {key: "4", text: {ru: Помощь, en: Help}, go: help}
screens:
"""


def fresh_number() -> str:
    return f"+7921{secrets.randbelow(10**7):07}"


@pytest.fixture
async def gateway(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    folder = Folder(tmp_path_factory.mktemp("own"))
    folder.edit("programme.yaml", "\nunits:\n", "\nsegments: [at_risk, vip]\ntiers: [silver, gold]\nunits:\n")
    folder.edit("ussd.yaml", HOME, OTHER)
    folder.edit("ussd.yaml", "  expiry:\n    call: balance\n", SCREENS)
    folder.edit("ussd.yaml", "screens:\n", FRAGMENTS)
    settings = Settings(pack=str(folder.path), api_keys=SecretStr("crm:crm:segments"))
    stores = Stores(database_url, redis_url, NUMBER_KEYS, CODE_KEY, demo=True, embedded=False)
    async with living(create(settings, stores, folder.pack(), {})) as client:
        yield client


async def test_whoever_is_in_no_group_sees_the_screen_itself(gateway: httpx.AsyncClient) -> None:
    assert (await Phone(fresh_number()).dial(gateway)).startswith("CON У вас 0 баллов")


async def test_a_segment_is_seen_at_the_first_dial_and_its_pilot_on_the_screen(gateway: httpx.AsyncClient) -> None:
    number = fresh_number()
    await handed_in(gateway, "/v1/segments/at_risk/members", {"add": [number]})
    assert "Не уходите\n4 Помощь\n7 Пилот" in await Phone(number).dial(gateway)
    assert "У вас" in await Phone(fresh_number()).dial(gateway)


async def test_a_tier_holds_until_the_session_ends(gateway: httpx.AsyncClient) -> None:
    number = fresh_number()
    phone = Phone(number)
    await handed_in(gateway, "/v1/members/tier", {"msisdn": number, "tier": "gold"})
    assert "Золото: 0" in await phone.dial(gateway)
    await handed_in(gateway, "/v1/members/tier", {"msisdn": number, "tier": None})
    assert "Баллы" in await phone.answer(gateway, "4")
    assert "Золото: 0" in await phone.answer(gateway, "0")
    assert "У вас" in await Phone(number).dial(gateway)


async def handed_in(gateway: httpx.AsyncClient, path: str, asked: dict[str, object]) -> None:
    """What the operator's systems say of members."""
    headers = {"idempotency-key": secrets.token_hex(8), "x-api-key": "crm"}
    answer = await gateway.post(path, json=asked, headers=headers)
    assert answer.status_code == 200, answer.text
