"""The page's API over HTTP: what is asked, what is answered, and that nobody waits for another phone."""

import asyncio
import json
from collections.abc import AsyncIterator
from threading import Event

import httpx
import pytest

from simulator.call import Answer, Message
from simulator.dialects.africastalking import DIALECT
from simulator.web.app import WAITING_MAX, create
from simulator.web.bench import Bench
from simulator.web.guard import Guard
from simulator.world import World
from tests.unit.simulator.conftest import Application

pytestmark = pytest.mark.anyio
NUMBER = "+79210000001"
PHONE = {
    "id": "1",
    "msisdn": NUMBER,
    "in_session": True,
    "dialect": "africastalking",
    "link": "",
    "language": "",
    "ordered": None,
    "answer_s": 8.0,
    "idle_s": 60,
    "total_s": 180,
}


@pytest.fixture
def bench(alone: World) -> Bench:
    return Bench(alone, DIALECT)


@pytest.fixture
async def page(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Guard(create(bench)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8081") as client:
        yield client


async def test_a_handset_is_added_dials_and_is_put_away(page: httpx.AsyncClient) -> None:
    added = await page.post("/api/phones", json={"msisdn": NUMBER})
    assert (added.status_code, added.json()) == (201, {"id": "1"})
    assert (await page.post("/api/phones/1/dial", json={"text": "*123#"})).status_code == 200
    news = (await page.get("/api/bench")).json()
    assert news["phones"] == [PHONE]
    assert [entry["kind"] for entry in news["entries"]] == ["dialled", "hop", "screen"]
    later = (await page.get("/api/bench", params={"after": news["newest"]})).json()
    assert later["entries"] == []
    assert (await page.delete("/api/phones/1")).status_code == 200
    assert (await page.get("/api/bench")).json()["phones"] == []


async def test_the_menu_of_the_gateway_is_passed_on(page: httpx.AsyncClient, application: Application) -> None:
    none = await page.get("/api/menu", params={"language": "en"})
    assert (none.status_code, set(none.json())) == (200, {"trouble"})
    assert "only a demo does" in none.json()["trouble"]
    application.drawing = "<svg/> in "
    assert (await page.get("/api/menu", params={"language": "en"})).json() == {"svg": "<svg/> in en"}


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        pytest.param("/api/phones/1/dial", {"text": "123"}, 200, "cannot dial", id="a code that is none"),
        pytest.param("/api/phones/1/answer", {"text": "1"}, 200, "no session is open", id="an answer to nothing"),
        pytest.param("/api/phones/1/tell", {"text": "top-up lots"}, 200, "cannot read the amount", id="an amount"),
        pytest.param("/api/phones/9/dial", {"text": "*123#"}, 404, "was put away", id="a phone that is gone"),
        pytest.param("/api/phones/1/dance", {}, 404, "no such verb", id="a verb that is none"),
        pytest.param("/api/phones/1/dial", {"txt": ""}, 422, "txt", id="a word that is none"),
        pytest.param("/api/phones/1/dial", {"text": "1" * 2001}, 422, "text", id="too long a text"),
        pytest.param("/api/phones", {"msisdn": NUMBER}, 200, "in another handset", id="a number twice"),
        pytest.param("/api/smsc", {"text": "x", "orders": {"silence": True}}, 200, "no SMSC answers", id="no SMSC"),
        pytest.param("/api/clock", {"text": "soon"}, 200, "cannot read the time", id="a time that is none"),
    ],
)
async def test_errors_are_sentences(
    page: httpx.AsyncClient, path: str, body: dict[str, object], status: int, words: str
) -> None:
    await page.post("/api/phones", json={"msisdn": NUMBER})
    answer = await page.post(path, json=body)
    assert answer.status_code == status
    assert words in " ".join(answer.json().values())


async def test_a_handset_may_be_added_with_a_language(page: httpx.AsyncClient, application: Application) -> None:
    await page.post("/api/phones", json={"msisdn": NUMBER, "language": "en"})
    news = (await page.get("/api/bench")).json()
    assert (news["languages"], news["phones"][0]["language"]) == (["ru", "en"], "en")
    assert news["partners"] == [{"partner": "kinograd", "label": {"ru": "Киноград"}}]
    assert json.loads(application.heard[0].body) == {"msisdn": NUMBER, "language": "en"}
    application.language_status = 409
    refused = (await page.post("/api/phones", json={"msisdn": "+79210000002", "language": "ru"})).json()
    assert "the gateway refused the language, HTTP 409" in refused["trouble"]
    news = (await page.get("/api/bench")).json()
    assert [phone["msisdn"] for phone in news["phones"]] == [NUMBER]
    assert [entry["kind"] for entry in news["entries"]] == ["language"]


async def test_strangers_are_refused(page: httpx.AsyncClient) -> None:
    elsewhere = {"host": "evil.example"}, {"origin": "https://evil.example"}
    for headers in elsewhere:
        answer = await page.post("/api/phones", json={"msisdn": NUMBER}, headers=headers)
        assert answer.status_code == 403
    assert (await page.get("/api/bench")).json()["phones"] == []


async def test_the_page_loads_nothing_from_elsewhere(page: httpx.AsyncClient) -> None:
    answer = await page.get("/")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "//" not in answer.text.replace("<!doctype html>", "")
    for name in ("style.css", "main.js"):
        assert (await page.get(f"/static/{name}")).status_code == 200
    assert (await page.get("/static/../app.py")).status_code == 404


async def test_a_gauge_for_what_is_being_typed(page: httpx.AsyncClient) -> None:
    gauge = (await page.get("/api/gauge", params={"text": "а" * 71})).json()["gauge"]
    assert (gauge["words"], gauge["parts"], gauge["forces"]) == ("71/134 UCS-2", 2, "а")


async def test_phones_do_not_wait_for_one_another(
    page: httpx.AsyncClient, application: Application, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = Event()
    send = bench.world.deployment.send

    def slow(message: Message) -> Answer:
        if "0000001" in message.body:
            let_go.wait(10)
        return send(message)

    monkeypatch.setattr(bench.world.deployment, "send", slow)
    for number in (NUMBER, "+79210000002"):
        await page.post("/api/phones", json={"msisdn": number})
    waits = [
        asyncio.create_task(page.post("/api/phones/1/dial", json={"text": "*123#"})) for _ in range(WAITING_MAX + 2)
    ]
    try:
        assert (await page.post("/api/phones/2/dial", json={"text": "*123#"})).status_code == 200
    finally:
        let_go.set()
    answers = [(await one) for one in waits]
    details = [one.json().get("trouble", "") for one in answers]
    assert details.count("") == 1
    assert sum("still busy" in detail for detail in details) == 1
    assert sum("a session is open" in detail for detail in details) == WAITING_MAX


async def test_the_red_key_waits_for_no_answer(
    page: httpx.AsyncClient, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, let_go, send = Event(), Event(), bench.world.deployment.send

    def slow(message: Message) -> Answer:
        if message.path.endswith("/events"):
            let_go.set()
        else:
            asked.set()
            let_go.wait(60)
        return send(message)

    monkeypatch.setattr(bench.world.deployment, "send", slow)
    await page.post("/api/phones", json={"msisdn": NUMBER})
    dialling = asyncio.create_task(page.post("/api/phones/1/dial", json={"text": "*123#"}))
    await asyncio.to_thread(asked.wait, 60)
    assert (await page.post("/api/phones/1/hang-up", json={})).json() == {}
    assert (await dialling).json() == {}
    news = (await page.get("/api/bench")).json()
    assert not news["phones"][0]["in_session"]
    kinds = [entry["kind"] for entry in news["entries"]]
    assert sorted(kinds) == ["dialled", "hop", "hop", "hung_up"], "nobody saw a screen"
