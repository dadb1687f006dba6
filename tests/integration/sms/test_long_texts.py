"""Texts of several parts, both ways: in any order, repeated, mixed up, cut in bad places, and never whole."""

import random
from collections.abc import Sequence

import asyncpg
import pytest

from gateway.smpp.pdu import coding, part
from gateway.smpp.pdu.part import Part
from gateway.store.outbox import MessageState
from simulator.smsc.deliveries import Fate
from tests.integration.sms.scene import ANNA, BORIS, Scene

pytestmark = pytest.mark.anyio

UCS2_ROOM = 134
STOP_AND_MORE = "стоп " + "и больше мне ничего не присылайте, " * 20
"""Eleven parts of UCS-2; understood by its first word."""


def pieces(text: str, reference: int) -> list[bytes]:
    """A long text as a phone cuts it: where a part is full, be it in the middle of a pair of UTF-16."""
    octets = text.encode("utf-16-be")
    cut = [octets[at : at + UCS2_ROOM] for at in range(0, len(octets), UCS2_ROOM)]
    return [part.header(Part(reference, len(cut), number)) + piece for number, piece in enumerate(cut, 1)]


def send(stage: Scene, parts: Sequence[bytes], msisdn: str = ANNA, data_coding: int = coding.UCS2) -> None:
    for octets in parts:
        stage.raw(octets, data_coding, part.HAS_HEADER, msisdn=msisdn)


async def said(stage: Scene) -> list[str]:
    connection = await asyncpg.connect(stage.database_url)
    try:
        return [row["said"] for row in await connection.fetch("select said from inbox order by inbox_id")]
    finally:
        await connection.close()


async def left(stage: Scene) -> int:
    connection = await asyncpg.connect(stage.database_url)
    try:
        return int(await connection.fetchval("select count(*) from inbox_part"))
    finally:
        await connection.close()


@pytest.mark.parametrize("order", ["as sent", "backward", "shuffled", "each twice"])
async def test_eleven_parts_in_any_order_are_one_text(stage: Scene, order: str) -> None:
    parts = pieces(STOP_AND_MORE, 7)
    assert len(parts) == 11
    match order:
        case "backward":
            parts.reverse()
        case "shuffled":
            random.Random(3).shuffle(parts)
        case "each twice":
            parts = [octets for octets in parts for _ in range(2)]
    async with stage.gateway():
        send(stage, parts)
        assert (await stage.answered(1))[0].startswith("Рекламы больше не будет")
    assert await said(stage) == ["consent:withdrawn"]
    assert await left(stage) == 0


async def test_two_phones_with_one_reference_are_two_texts(stage: Scene) -> None:
    async with stage.gateway():
        for octets in zip(pieces(STOP_AND_MORE, 7), pieces(STOP_AND_MORE.replace("стоп", "старт"), 7), strict=False):
            send(stage, octets[:1], ANNA)
            send(stage, octets[1:], BORIS)
        await stage.answered(1, ANNA)
        await stage.answered(1, BORIS)
    assert min(await said(stage)) == "consent:withdrawn"
    assert len(await said(stage)) == 2


async def test_parts_survive_a_restart(stage: Scene) -> None:
    parts = pieces(STOP_AND_MORE, 9)
    async with stage.gateway():
        send(stage, parts[:6])
        await stage.quiet()
    async with stage.gateway():
        send(stage, parts[6:])
        await stage.answered(1)
    assert await said(stage) == ["consent:withdrawn"]


async def test_the_last_part_again_after_not_now_is_the_same_text(stage: Scene) -> None:
    parts = pieces(STOP_AND_MORE, 9)
    async with stage.gateway():
        send(stage, parts)
        await stage.answered(1)
    connection = await asyncpg.connect(stage.database_url)
    await connection.execute("update inbox set answer = 'not_now'")
    await connection.close()
    async with stage.gateway():
        again = stage.raw(parts[-1], coding.UCS2, part.HAS_HEADER)
        await stage.until(lambda: again.fate is Fate.ACKNOWLEDGED, "acknowledged")
        await stage.answered(1)
    assert await left(stage) == 0


async def test_parts_of_which_some_never_come_are_answered_with_help_and_kept_for_a_person(stage: Scene) -> None:
    async with stage.gateway():
        send(stage, pieces(STOP_AND_MORE, 9)[:4])
        await stage.quiet()
    assert stage.words() == []
    stage.clock.wait(hours=2)
    async with stage.gateway():
        assert "Стоп" in (await stage.answered(1))[0]
    assert await said(stage) == ["help:shown"]
    assert await left(stage) == 0


async def test_a_reference_that_comes_round_again_is_another_text(stage: Scene) -> None:
    stale = pieces(STOP_AND_MORE.replace("стоп", "старт"), 9)[:1]
    async with stage.gateway():
        send(stage, stale)
        await stage.quiet()
        stage.clock.wait(hours=2)
        send(stage, pieces(STOP_AND_MORE, 9))
        await stage.until(lambda: any("Рекламы больше" in word for word in stage.words()), "stop is heard")


async def test_an_emoji_that_a_phone_cut_in_two(stage: Scene) -> None:
    """66 letters and a half of a pair in the first part, the other half in the second."""
    text = "стоп" + "." * 62 + "😀" + " и всё"
    parts = pieces(text, 1)
    assert parts[0][-2:] == "😀".encode("utf-16-be")[:2]
    async with stage.gateway():
        send(stage, parts)
        await stage.answered(1)
    assert await said(stage) == ["consent:withdrawn"]


async def test_an_escape_that_a_phone_cut_from_its_character(stage: Scene) -> None:
    octets = coding.write("stop " + "x" * 147 + "€" + " more", coding.DEFAULT)
    cut = [octets[:153], octets[153:]]
    assert cut[0].endswith(b"\x1b")
    parts = [part.header(Part(5, 2, number)) + piece for number, piece in enumerate(cut, 1)]
    async with stage.gateway():
        send(stage, parts, data_coding=coding.DEFAULT)
        await stage.answered(1)
    assert await said(stage) == ["consent:withdrawn"]


@pytest.mark.parametrize("concatenation", ["udh8", "udh16", "sar", "payload"])
async def test_a_long_answer_arrives_whole_however_it_is_marked(stage: Scene, concatenation: str) -> None:
    """The phone joins the parts; in the shipped texts the longest answer has five movements."""
    name = "texts/ru/help.shown.j2"
    words = "Длинная помощь 😀 с буквами и € " * 22
    from gateway.pack import compile_pack

    wordy = compile_pack({**stage.pack.files, name: words})
    async with stage.gateway(f"concatenation={concatenation}", wordy):
        stage.text("Помощь")
        assert await stage.answered(1) == [words.strip()]
        (message,) = await stage.until_state(MessageState.DELIVERED)
    if concatenation != "payload":
        assert message.parts == 11


async def test_an_euro_at_septet_160_goes_whole_into_the_next_part(stage: Scene) -> None:
    words = "x" * 152 + "€" + "y" * 20
    from gateway.pack import compile_pack

    wordy = compile_pack({**stage.pack.files, "texts/en/help.shown.j2": words})
    async with stage.gateway(pack=wordy):
        stage.text("Help")
        assert await stage.answered(1) == [words]
    assert stage.shown()[0].parts == 2
