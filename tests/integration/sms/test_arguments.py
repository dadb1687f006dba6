"""What a text brings reaches its action, and is answered in the right language, or by the action's own message."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from gateway import messaging, pack
from gateway.actions import verbs
from gateway.actions.verb import Call, Intent, Verb
from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import Result
from gateway.loyalty.writes import ChooseLanguage, RecordConsent
from gateway.msisdn import Msisdn
from gateway.outcome import ActionSpec, Outcome
from gateway.pack import Pack, compile_pack
from gateway.store.ledger import Ledger
from tests.integration.sms.scene import ANNA, Scene, scene

pytestmark = pytest.mark.anyio

ECHO = ActionSpec("echo", {"heard": {"what": "9" * 20}}, arguments={"what": ()})
DOUBTER = ActionSpec("doubter", {"written": {}})

ROWS = """\
rows:
  - {to: "9373", keywords: {ru: [Повтор], en: [Again]}, takes: what, example: 7, call: echo, reply: echoed}
  - {to: "5010", digits: {name: what, from: 6, to: 20}, around: {ru: [код]}, call: echo, reply: echoed}
  - {to: "9373", answer: "17", call: doubter, reply: doubted}
"""
TEXTS = {
    "ru/echoed.heard": "Слышу {{ what }}",
    "en/echoed.heard": "I hear {{ what }}",
    "ru/doubted.written": "Записано",
    "en/doubted.written": "Written down",
}


async def echo(call: Call) -> Outcome:
    return Outcome("heard", {"what": call.arguments["what"]})


async def doubter(call: Call) -> Intent:
    """Writes, and says that the write sends a message of its own, which it does not."""
    member = await call.member()
    write = RecordConsent(member.member_id, True, call.channel, "1", call.key)
    return Intent(write, {Result.RECORDED: Outcome("written")}, frozenset({Result.RECORDED}))


@pytest.fixture
def two_verbs_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Actions that say what they were told, and a result that is a message of its own: no real one does only that."""
    more = {
        **verbs(),
        "echo": Verb(lambda _: ECHO, echo),
        "doubter": Verb(lambda _: DOUBTER, doubter),
    }
    for module in (pack, messaging):
        monkeypatch.setattr(module, "verbs", lambda: more)


@pytest.fixture
async def stage(ledger: Ledger, database_url: str, pack: Pack, two_verbs_more: None) -> AsyncIterator[Scene]:
    files = {**pack.files, **{f"{name}.j2": text for name, text in TEXTS.items()}}
    written = {**files, "sms.yaml": files["sms.yaml"].replace("rows:\n", ROWS, 1)}
    async with scene(ledger, database_url, compile_pack(written)) as set_:
        yield set_


async def chosen(stage: Scene, language: str) -> None:
    member = await stage.ledger.member(Msisdn(ANNA), stage.clock.now)
    assert member is not None
    write = ChooseLanguage(member.member_id, language, IdempotencyKey(f"choice {language}"))
    await stage.ledger.write(write, stage.clock.now)


async def test_a_number_and_a_code_reach_their_action(stage: Scene) -> None:
    async with stage.gateway():
        texts = (("ПОВТОР № 05", "9373"), ("again 5", "9373"), ("123-456", "5010"), ("Код: 654321", "5010"))
        for count, (text, number) in enumerate(texts, 1):
            stage.text(text, to=number)
            await stage.answered(count)
    assert stage.words() == ["Слышу 5", "I hear 5", "Слышу 123456", "Слышу 654321"]


async def test_a_code_is_answered_in_the_members_language(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("123456", to="5010")
        await stage.answered(1)
        await chosen(stage, "en")
        stage.text("код 123456", to="5010")
        await stage.answered(2)
        stage.text("повтор 5", to="9373")
        await stage.answered(3)
    assert stage.words() == ["Слышу 123456", "I hear 123456", "Слышу 5"]


async def test_a_near_miss_is_suggested_with_its_number(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("павтор 12", to="9373")
        assert "Повтор 12" in (await stage.answered(1))[0]
        stage.text("повтор", to="9373")
        assert "Повтор 7" in (await stage.answered(2))[1]


async def test_a_code_is_not_said_again_to_whom_it_means_nothing(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("123456", to="6111")
        assert "123456" not in (await stage.answered(1))[0]
        stage.text("павтор 123456", to="9373")
        assert "123456" not in (await stage.answered(2))[1]


async def test_a_result_that_is_a_message_of_its_own_is_not_answered_too(stage: Scene) -> None:
    async with stage.gateway():
        stage.text("17.", to="9373")
        await stage.quiet()
        stage.text("повтор 1", to="9373")
        assert await stage.answered(1) == ["Слышу 1"]
    connection = await asyncpg.connect(stage.database_url)
    try:
        assert await connection.fetchval("select count(*) from consent") == 1
    finally:
        await connection.close()
