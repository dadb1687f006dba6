"""What a USSD gateway says of a phone's language counts at the first contact, and never after a choice."""

import secrets
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.app import Stores, create
from gateway.pack import Pack
from gateway.settings import Settings
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.fulfilment.test_working import living

pytestmark = pytest.mark.anyio


@pytest.fixture
async def gateway(database_url: str, redis_url: str, pack: Pack) -> AsyncIterator[httpx.AsyncClient]:
    stores = Stores(database_url, redis_url, NUMBER_KEYS, CODE_KEY, demo=True, embedded=False)
    async with living(create(Settings(), stores, pack, {})) as client:
        yield client


class Phone:
    """A phone at Infobip, which says what language it is set to."""

    def __init__(self, gateway: httpx.AsyncClient) -> None:
        self._gateway, self._session = gateway, ""
        self._number = f"7921{secrets.randbelow(10**7):07}"

    async def dial(self, language: str | None) -> str:
        self._session = secrets.token_hex(8)
        return await self._said("start", {"text": "*123#", "shortCode": "*123#", "language": language})

    async def answer(self, key: str) -> str:
        return await self._said("response", {"text": key})

    async def _said(self, step: str, fields: dict[str, str | None]) -> str:
        path = f"/ussd/infobip/session/{self._session}/{step}"
        answer = await self._gateway.post(path, json={"msisdn": self._number, **fields})
        return str(answer.json()["ussdMenu"])


async def test_the_first_screen_is_in_the_phones_language(gateway: httpx.AsyncClient) -> None:
    assert (await Phone(gateway).dial("en_US")).startswith("You have 0 points")
    assert (await Phone(gateway).dial(None)).startswith("У вас 0 баллов")
    assert (await Phone(gateway).dial("kk")).startswith("У вас 0 баллов")


async def test_what_a_subscriber_chose_is_kept_whatever_the_phone_says(gateway: httpx.AsyncClient) -> None:
    phone = Phone(gateway)
    assert "3 Po-russki" in await phone.dial("en")
    await phone.answer("3")
    assert (await phone.dial("en")).startswith("У вас 0 баллов")
