"""USSD over SMPP, each dialect against its table of vectors: what its gateway sends, and what it hears.

A row's `pdu` has the operation (`op`), its_session_info (`info`), user_message_reference (`reference`),
language_indicator (`language`), and the text or its octets (`hex`).
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.errors import BadRequestError
from gateway.smpp import ussd
from gateway.smpp.choices import UssdCoding, UssdDialect
from gateway.smpp.pdu import cbs, codec, coding, tlv
from gateway.smpp.pdu.messages import Address, DeliverSm, SubmitSm
from gateway.smpp.pdu.tlv import Tag, Tlvs
from gateway.smpp.settings import LinkSettings

HERE = Path(__file__).parent
SUBSCRIBER = Address("79210000001", 1, 1)
TAGS = {
    "op": Tag.USSD_SERVICE_OP,
    "info": Tag.ITS_SESSION_INFO,
    "reference": Tag.USER_MESSAGE_REFERENCE,
    "language": Tag.LANGUAGE_INDICATOR,
}


def vectors(dialect: UssdDialect) -> dict[str, Any]:
    return dict(yaml.safe_load((HERE / f"{dialect}.yaml").read_text(encoding="utf-8")))


def rows(kind: str) -> list[Any]:
    return [
        pytest.param(dialect, row, id=f"{dialect}: {row['name']}")
        for dialect in UssdDialect
        for row in vectors(dialect).get(kind, [])
    ]


def link(dialect: UssdDialect) -> LinkSettings:
    coded = UssdCoding(vectors(dialect).get("ussd_data_coding", "sms"))
    return LinkSettings("smsc.example", "bolshe", "secret", ussd=dialect, ussd_data_coding=coded)


def came(row: dict[str, Any]) -> DeliverSm:
    """A row's message, as it is after the wire."""
    tlvs: Tlvs = tuple(tlv.with_number(tag, row[name]) for name, tag in TAGS.items() if name in row)
    data_coding = row.get("data_coding", 0)
    written = cbs.write(row.get("text", ""), data_coding) if data_coding in {cbs.UCS2, cbs.GSM7} else coding.write(
        row.get("text", ""), data_coding
    )  # fmt: skip
    octets = bytes.fromhex(row["hex"]) if "hex" in row else written
    destination = Address(row["destination"], 3, 0)
    sent = DeliverSm(1, SUBSCRIBER, destination, octets, data_coding, service_type="USSD", tlvs=tlvs)
    found = codec.decode(codec.encode(sent))
    assert isinstance(found, DeliverSm)
    return found


@pytest.mark.parametrize("dialect", UssdDialect)
def test_a_dialect_has_its_evidence(dialect: UssdDialect) -> None:
    assert vectors(dialect)["heard"], f"write {dialect}.yaml: what its gateway sends"
    assert vectors(dialect)["shown"], f"write {dialect}.yaml: what its gateway hears"
    assert vectors(dialect)["pushed"], f"write {dialect}.yaml: how it hears of sessions that we open"


@pytest.mark.parametrize(("dialect", "row"), rows("heard"))
def test_a_message_is_read(dialect: UssdDialect, row: dict[str, Any]) -> None:
    pdu = came(row["pdu"])
    assert ussd.is_ussd(pdu)
    said = asdict(ussd.read(pdu, link(dialect)))
    assert {name: said[name] for name in row["says"]} == row["says"]


@pytest.mark.parametrize(("dialect", "row"), rows("refused"))
def test_what_is_no_step_of_a_session_is_refused_and_not_repeated(dialect: UssdDialect, row: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError) as refused:
        ussd.read(came(row["pdu"]), link(dialect))
    assert row["says"] in str(refused.value)
    assert SUBSCRIBER.digits not in str(refused.value)


@pytest.mark.parametrize(("dialect", "row"), rows("shown"))
def test_a_screen_is_said(dialect: UssdDialect, row: dict[str, Any]) -> None:
    asked = came(row["asked"])
    pdu = codec.decode(
        codec.encode(ussd.reply(asked, link(dialect), row["screen"]["text"], ends=row["screen"]["ends"]))
    )
    assert isinstance(pdu, SubmitSm)
    said = {name: tlv.number(pdu.tlvs, tag) for name, tag in TAGS.items()} | {"data_coding": pdu.data_coding}
    assert {name: said[name] for name in row["pdu"]} == row["pdu"]
    assert (pdu.source, pdu.destination) == (asked.destination, asked.source), "as they were written"
    assert pdu.service_type == "USSD"
    read = cbs.read if pdu.data_coding in {cbs.UCS2, cbs.GSM7} else coding.read
    assert read(pdu.payload, pdu.data_coding) == row["screen"]["text"]


@pytest.mark.parametrize(("dialect", "row"), rows("pushed"))
def test_a_session_of_ours_is_opened(dialect: UssdDialect, row: dict[str, Any]) -> None:
    text, ends = row["screen"]["text"], row["screen"]["ends"]
    pushed = ussd.push(link(dialect), "+79210000001", "123", row["session"], text, ends=ends)
    pdu = codec.decode(codec.encode(pushed))
    assert isinstance(pdu, SubmitSm)
    said = {name: tlv.number(pdu.tlvs, tag) for name, tag in TAGS.items()} | {"data_coding": pdu.data_coding}
    assert {name: said[name] for name in row["pdu"]} == row["pdu"]
    assert (pdu.source.digits, pdu.destination, pdu.service_type) == ("123", SUBSCRIBER, "USSD")
    read = cbs.read if pdu.data_coding in {cbs.UCS2, cbs.GSM7} else coding.read
    assert read(pdu.payload, pdu.data_coding) == text


@pytest.mark.parametrize("dialect", UssdDialect)
@pytest.mark.parametrize("largest", [False, True], ids=["0", "the largest"])
def test_what_is_answered_is_of_the_session_that_was_opened(dialect: UssdDialect, *, largest: bool) -> None:
    settings = link(dialect)
    session = ussd.new_session(settings, lambda bits: 2**bits - 1 if largest else 0)
    opened = ussd.push(settings, "+79210000001", "123", session, "Menu", ends=False)
    tlvs = (
        tlv.with_number(Tag.USSD_SERVICE_OP, 18),
        *(found for found in opened.tlvs if found[0] != Tag.USSD_SERVICE_OP),
    )
    typed = DeliverSm(1, opened.destination, opened.source, b"1", service_type="USSD", tlvs=tlvs)
    heard = ussd.read(typed, settings)
    assert (heard.kind, heard.session) == ("input", session)
    last = ussd.reply(typed, settings, "Bye", ends=True, pushed=True)
    assert tlv.number(last.tlvs, Tag.USSD_SERVICE_OP) == 3, "there is no PSSR to respond to"


@pytest.mark.parametrize("dialect", UssdDialect)
def test_the_longest_screens_fit_a_message(dialect: UssdDialect) -> None:
    asked = came(vectors(dialect)["shown"][0]["asked"])
    for text in ("я" * 80, "a" * 182):
        assert len(codec.encode(ussd.reply(asked, link(dialect), text, ends=False))) > len(text)
