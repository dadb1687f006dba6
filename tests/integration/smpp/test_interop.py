"""A link bound to an SMSC that shares no code with us: another codec, another language underneath, another process."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.smpp import parts, receipt
from gateway.smpp.choices import Concatenation
from gateway.smpp.links import parse
from gateway.smpp.pdu.messages import Address, SubmitSm, SubmitSmResp
from gateway.smpp.receipt import Candidate, Form, State
from tests.integration.smpp.peers import PHONE, Linked, linked, until
from tests.live.nursery import end
from tests.live.theirs import Theirs

pytestmark = pytest.mark.anyio

LINK = "smpp://bolshe:pass@127.0.0.1?window=20&enquire_s=1&silence_s=5"


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Theirs]:
    running = Theirs(tmp_path)
    yield running
    end(running.process)


async def send(one: Linked, text: str, concatenation: Concatenation = Concatenation.UDH8) -> list[SubmitSmResp]:
    """A text as the link's settings divide it, all parts at once."""
    (settings,) = parse(f"{LINK}&concatenation={concatenation}")
    answers = []
    contents = parts.divide(text, settings, 9)
    assert one.link.reserve(len(contents)) == len(contents)
    for content in contents:
        pdu = SubmitSm(
            0, settings.source("6111"), settings.destination("+" + PHONE), content.short_message,
            content.data_coding, content.esm_class, settings.registered_delivery, tlvs=content.tlvs,
        )  # fmt: skip
        answers.append(one.link.submit(pdu))
    return list(await asyncio.gather(*answers))


async def test_bound_submitted_receipted_and_texted(theirs: Theirs) -> None:
    (settings,) = parse(LINK)
    async with linked(theirs.port, settings) as one:
        assert one.told("bound") == ["the SMSC calls itself 'theirs'"]
        (answer,) = await send(one, "Баланс: 500 👍")
        assert answer == SubmitSmResp(answer.sequence, 0, "A1")
        (seen,) = theirs.said("submit")
        assert (seen["source"], seen["destination"]) == (["6111", 3, 0], [PHONE, 1, 1])
        assert bytes.fromhex(seen["octets"]).decode("utf-16-be") == "Баланс: 500 👍"

        await until(lambda: one.came, "the receipt came")
        found = receipt.read(one.came[0])
        assert found is not None
        assert found.state is State.DELIVERED
        assert Candidate("A1", Form.HEX) in found.ids, "hex in the answer, decimal in the receipt"
        await until(lambda: [each["status"] for each in theirs.said("receipt")] == [0], "acknowledged")

        await one.submit(b"text")
        await until(lambda: len(one.came) == 3)
        assert parts.joined(map(parts.read, one.came[1:])) == "Баланс"
        await until(lambda: [each["status"] for each in theirs.said("text")] == [0, 0], "acknowledged")
    await until(lambda: theirs.said("unbound"), "our goodbye was heard")


@pytest.mark.parametrize("concatenation", Concatenation)
async def test_each_concatenation_is_read_by_another_codec(theirs: Theirs, concatenation: Concatenation) -> None:
    text = "Ваш баланс 500 баллов. " * 8
    (settings,) = parse(LINK)
    async with linked(theirs.port, settings) as one:
        answers = await send(one, text, concatenation)
        assert {answer.status for answer in answers} == {0}
        seen = theirs.said("submit")
        assert len(seen) == (1 if concatenation is Concatenation.PAYLOAD else 3)
        assert parts.joined(piece(each) for each in seen) == text, "in whatever order they were noted"


def piece(seen: dict[str, Any]) -> parts.Piece:
    """A part, of the fields that the other codec read."""
    tlvs = tuple((int(tag), bytes.fromhex(value)) for tag, value in seen["tlvs"].items())
    octets = bytes.fromhex(seen["octets"])
    return parts.read(SubmitSm(0, Address(), Address(), octets, seen["data_coding"], seen["esm_class"], tlvs=tlvs))


async def test_a_window_of_refusals_and_a_quiet_time(theirs: Theirs) -> None:
    (settings,) = parse(LINK)
    async with linked(theirs.port, settings) as one:
        answer = await one.submit(b"refuse")
        assert isinstance(answer, SubmitSmResp)
        assert answer.status == 0x58
        assert len(one.told("throttled")) == 1
        await asyncio.sleep(2.5 * settings.enquire_s)  # long enough for questions both ways
        assert one.told("lost") == []
        assert isinstance(await one.submit(), SubmitSmResp)


async def test_it_dies(theirs: Theirs) -> None:
    (settings,) = parse(LINK)
    async with linked(theirs.port, settings) as one:
        theirs.process.kill()
        await until(lambda: one.told("lost"))
        theirs.process.wait()
        assert not one.link.is_bound
