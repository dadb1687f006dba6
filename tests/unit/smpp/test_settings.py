"""Links as an operator writes them, and what is said when they are written wrong."""

import pytest

from gateway.errors import ConfigurationError
from gateway.smpp.choices import Concatenation
from gateway.smpp.links import LINKS_MAX, parse, silent
from gateway.smpp.pdu.coding import DefaultAlphabet
from gateway.smpp.pdu.messages import Address
from gateway.smpp.pdu.status import Verdict
from gateway.smpp.settings import PARAMETERS, LinkSettings

PASSWORD = "s3cret"
LINK = f"smpp://bolshe:{PASSWORD}@smsc.example"
OTHER = f"smpp://bolshe:{PASSWORD}@smsc2.example"


def only(text: str) -> LinkSettings:
    (link,) = parse(text)
    return link


def test_a_short_link_is_a_transceiver_in_good_order() -> None:
    assert only(LINK) == LinkSettings("smsc.example", "bolshe", PASSWORD)
    assert parse("") == parse(" , ") == ()


@pytest.mark.parametrize(
    ("url", "field", "value"),
    [
        pytest.param("smpp://b:p@h:3000", "port", 3000, id="a port"),
        pytest.param("smpp://b:p@h", "port", 2775, id="the usual port"),
        pytest.param("smpp://b:p@[::1]:3000", "host", "::1", id="IPv6"),
        pytest.param("smpps://b:p@h", "tls", True, id="TLS"),
        pytest.param("smpp://b:a%2Cb%40%3F%25@h", "password", "a,b@?%", id="signs in a password"),
        pytest.param("smpp://b%20c:p@h", "system_id", "b c", id="a space in a system_id"),
        pytest.param(LINK + "?smsc=backup-2", "smsc", "backup-2", id="a name"),
        pytest.param(LINK + "?window=1", "window", 1, id="the smallest window"),
        pytest.param(LINK + "?window=1000", "window", 1000, id="the largest window"),
        pytest.param(LINK + "?address_range=%5E(6111%7C5010)%24", "address_range", "^(6111|5010)$", id="an expression"),
        pytest.param(LINK + "?concatenation=sar", "concatenation", Concatenation.SAR, id="SAR"),
        pytest.param(LINK + "?default_alphabet=latin-1", "default_alphabet", DefaultAlphabet.LATIN1, id="Latin-1"),
        pytest.param(LINK + "?not_now=0x14", "not_now", 0x14, id="a status in hex"),
        pytest.param(LINK + "?not_now=ESME_RSYSERR", "not_now", 8, id="a status by its name"),
        pytest.param(LINK + "?receipts=no", "registered_delivery", 0, id="no receipts"),
        pytest.param(LINK + "?receipts=yes", "registered_delivery", 1, id="receipts"),
        pytest.param(LINK + "?receipts=failures", "registered_delivery", 2, id="receipts of failure"),
        pytest.param(LINK + "?intermediate=yes", "registered_delivery", 0x11, id="intermediate notifications"),
        pytest.param(LINK + "?receipts=none&intermediate=yes", "registered_delivery", 0x10, id="those alone"),
        pytest.param(LINK + "?enquire_s=0", "enquire_s", 0, id="never asks"),
        pytest.param(LINK + "?region=KZ", "region", "KZ", id="a country"),
        pytest.param(LINK + "?ca=/etc/ssl/smsc.pem", "ca", "/etc/ssl/smsc.pem", id="a file of certificates"),
        pytest.param(
            LINK + "?verdict=0x45:message_bad+RMSGQFUL:throttle",
            "verdicts",
            ((0x45, Verdict.MESSAGE_BAD), (0x14, Verdict.THROTTLE)),
            id="verdicts",
        ),
    ],
)
def test_what_may_be_said(url: str, field: str, value: object) -> None:
    assert getattr(only(url), field) == value


@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param("windw=3", "is it window?; there are address_range, ", id="misspelt"),
        pytest.param("window=0", "window: must be greater than or equal to 1", id="no window"),
        pytest.param("window=1001", "window: must be less than or equal to 1000", id="a window too wide"),
        pytest.param("window=many", "window: must be a valid integer", id="no number"),
        pytest.param("window", "window is written once, as window=value", id="no value"),
        pytest.param("window=1&window=2", "window is written once", id="twice"),
        pytest.param("tps=-1", "tps: must be greater than or equal to 0", id="a rate below none"),
        pytest.param("bind=both", "bind: takes transceiver, transmitter, receiver or pair", id="a bind that is none"),
        pytest.param("ussd=standard&bind=pair", "ussd: a screen goes back by the link by which", id="USSD one way"),
        pytest.param("binds=0", "binds: must be greater than or equal to 1", id="no binds"),
        pytest.param("concatenation=none", "concatenation: must be 'udh8', 'udh16', 'sar' or 'payload'", id="unmarked"),
        pytest.param("default_alphabet=utf-8", "default_alphabet: must be 'gsm7', 'latin-1' or", id="an alphabet"),
        pytest.param("not_now=0x65", "not_now: 0x65 stops everything to that number", id="stop everything"),
        pytest.param("not_now=0", "not_now: must be greater than or equal to 1", id="taken, as not now"),
        pytest.param("not_now=later", "not_now: a status is a number such as 0x64, or a name", id="a status"),
        pytest.param("region=ru", "region: takes a country by two letters (ISO 3166)", id="a country"),
        pytest.param("verdict=0x45:bad", "verdict: takes status:verdict+status:verdict", id="a verdict"),
        pytest.param("verdict=x:ok", "verdict: a status is a number", id="a verdict's status"),
        pytest.param("receipts=perhaps", "receipts: takes all, failures or none", id="receipts"),
        pytest.param("response_s=0", "response_s: must be greater than 0", id="no time to answer"),
        pytest.param("silence_s=30", "silence_s is longer than enquire_s", id="silence before a question"),
        pytest.param("system_type=0123456789abc", "system_type: takes up to 12 printable ASCII", id="a long type"),
        pytest.param("priority_flag=256", "priority_flag: must be less than or equal to 255", id="an octet"),
        pytest.param("smsc=The%20main%20one", "smsc: String should match", id="a name with spaces"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(query: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(f"{LINK}?{query}")
    assert f"GATEWAY_SMPP: link 1: {'parameter 1 is unknown: ' if 'is it' in says else ''}{says}" in str(caught.value)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://bolshe:s3cret@h", id="another scheme"),
        pytest.param("bolshe:s3cret@h", id="no scheme"),
        pytest.param("smpp://h", id="nobody"),
        pytest.param("smpp://:s3cret@h", id="no system_id"),
        pytest.param("smpp://bolshe:s3cret@", id="nowhere"),
        pytest.param("smpp://bolshe:s3cret@h:port", id="a port"),
        pytest.param("smpp://bolshe:s3cret@h:70000", id="a port too high"),
        pytest.param("smpp://bolshe:s3cret@h:0", id="port 0"),
        pytest.param("smpp://bolshe:s3/cret@h", id="a slash in a password"),
        pytest.param("smpp://bolshe:s3#cret@h", id="a hash in a password"),
        pytest.param("smpp://bolshe:s3@cret@h", id="an at in a password"),
        pytest.param("smpp://bolshe:s3,cret@h", id="a comma in a password"),
        pytest.param("smpp://bolshe:s3?cret@h", id="a question mark in a password"),
        pytest.param("smpp://bolshe:s3@h?cret@h", id="an at and a question mark in a password"),
        pytest.param("smpp://bolshe:s3cret99x@h", id="a long password"),
        pytest.param("smpp://bolshe:s3cret%00@h", id="a NUL in a password"),
        pytest.param("smpp://bolshe0123456789:s3cret@h", id="a long system_id"),
        pytest.param("smpp://[::1", id="a bracket"),
    ],
)
def test_an_error_never_repeats_a_url(url: str) -> None:
    with pytest.raises(ConfigurationError, match="GATEWAY_SMPP: link 1: ") as caught:
        parse(url)
    assert "cret" not in str(caught.value)


def test_a_fault_says_in_which_link() -> None:
    with pytest.raises(ConfigurationError, match="link 2: window"):
        parse(f"{LINK},{LINK}?window=0")


def test_several_binds_are_several_links() -> None:
    first, second, other = parse(f"{LINK}?smsc=main&binds=2,{OTHER}?smsc=other")
    assert [first.shown, second.shown, other.shown] == [
        "main bolshe@smsc.example:2775",
        "main bolshe@smsc.example:2775#2",
        "other bolshe@smsc2.example:2775",
    ]
    with pytest.raises(ConfigurationError, match=f"at most {LINKS_MAX}"):
        parse(",".join([f"{LINK}?binds=16"] * 5))


def test_links_that_go_one_way() -> None:
    assert [(link.bind.name, link.shown) for link in parse(f"{LINK}?bind=pair&binds=2&window=7")] == [
        ("TRANSMITTER", "main bolshe@smsc.example:2775 transmitter"),
        ("RECEIVER", "main bolshe@smsc.example:2775 receiver"),
        ("TRANSMITTER", "main bolshe@smsc.example:2775 transmitter#2"),
        ("RECEIVER", "main bolshe@smsc.example:2775 receiver#2"),
    ]
    apart = parse(f"{LINK}?bind=transmitter&window=7,{LINK}?bind=receiver&binds=2")
    assert [link.bind.name for link in apart] == ["TRANSMITTER", "RECEIVER", "RECEIVER"]


@pytest.mark.parametrize(
    ("urls", "says"),
    [
        pytest.param(f"{LINK}?bind=receiver", "every link of smsc=main is a receiver", id="one"),
        pytest.param(
            f"{LINK}?smsc=other,{OTHER}?bind=receiver&binds=2",
            "every link of smsc=main is a receiver, so no answer could ever leave: write bind=pair",
            id="two of one account, beside another",
        ),
        pytest.param(
            f"{LINK}?bind=receiver,{LINK}?bind=transmitter&smsc=out",
            "link 2: is the account of link 1 under another name: write smsc=main in both",
            id="whose transmitter has another name",
        ),
        pytest.param(f"{LINK}?bind=pair,{LINK}?bind=receiver", "link 2: is link 1 again", id="twice"),
    ],
)
def test_what_comes_in_has_a_way_out(urls: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(urls)
    assert says in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_whoever_stands_in_sees_the_other() -> None:
    backup = f"{OTHER}?smsc=backup&stands_in_for"
    assert [link.stands_in_for for link in parse(f"{LINK},{backup}=main")] == ["", "main"]
    with pytest.raises(ConfigurationError, match="smsc=backup stands in for mian, which is no other SMSC of this"):
        parse(f"{LINK},{backup}=mian")
    with pytest.raises(ConfigurationError, match="smsc=backup stands in for backup, which is no other"):
        parse(f"{LINK},{backup}=backup")


def test_an_smsc_to_which_is_only_sent_is_a_warning() -> None:
    sending = f"{OTHER}?smsc=promo&bind=transmitter&binds=2"
    (warning,) = silent(parse(f"{LINK},{sending}"))
    assert "no link of smsc=promo receives" in warning
    assert silent(parse(LINK)) == silent(parse(f"{LINK}?bind=pair")) == ()


@pytest.mark.parametrize(
    ("second", "says"),
    [
        pytest.param(LINK, "is link 1 again: write one link, for two binds with binds=2", id="the same"),
        pytest.param(f"{LINK}:2775?smsc=other", "is link 1 again", id="the same under another name"),
        pytest.param(f"{LINK}:2776", "another account than link 1, and main is the name of both", id="another port"),
        pytest.param(OTHER, "write smsc= in each", id="another host"),
        pytest.param(f"{OTHER}?smsc=main", "write smsc= in each", id="another host, and one says the name"),
        pytest.param("smpp://more:x@smsc.example", "write smsc= in each", id="another system_id"),
    ],
)
def test_links_that_could_be_taken_for_each_other(second: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match="GATEWAY_SMPP: link 2: ") as caught:
        parse(f"{LINK},{second}")
    assert says in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_hosts_of_one_account_say_its_name() -> None:
    assert [link.smsc for link in parse(f"{LINK}?smsc=main,{OTHER}?smsc=main")] == ["main", "main"]
    assert [link.smsc for link in parse(f"{LINK},{OTHER}?smsc=other")] == ["main", "other"]


@pytest.mark.parametrize("sign", list(":/?#@,%[]"))
def test_a_sign_in_a_password_is_written_by_its_number(sign: str) -> None:
    assert only(f"smpp://bolshe:ab%{ord(sign):02X}cd@smsc.example").password == f"ab{sign}cd"
    if sign == ":":
        return  # the first one ends the system_id, and the rest is the password's
    with pytest.raises(ConfigurationError, match="GATEWAY_SMPP: link 1: ") as caught:
        parse(f"smpp://bolshe:ps{sign}wd@smsc.example")
    assert f"%{ord(sign):02X}" in str(caught.value)
    assert "ps" not in str(caught.value).replace("smpps", "")


def test_neither_its_name_nor_its_repr_has_the_password() -> None:
    assert PASSWORD not in only(LINK).shown + repr(only(LINK))


def test_every_field_is_a_parameter() -> None:
    unsaid = set(PARAMETERS) - {"bind", "binds", "ca", "verdict", "region", "ussd", "profile"}
    assert only(LINK + "?" + "&".join(f"{name}={getattr(only(LINK), name)}" for name in sorted(unsaid))) == only(LINK)


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        pytest.param("6111", Address("6111", 3, 0), id="a short number"),
        pytest.param("BOLSHE", Address("BOLSHE", 5, 0), id="a name"),
        pytest.param("6111x", Address("6111x", 5, 0), id="a name with digits"),
        pytest.param("+79990000001", Address("79990000001", 1, 1), id="a subscriber's number"),
        pytest.param("79990000001", Address("79990000001", 1, 1), id="the same without its plus"),
    ],
)
def test_sources(sender: str, address: Address) -> None:
    assert only(LINK).source(sender) == address


def test_addresses_as_the_operator_wants_them() -> None:
    link = only(LINK + "?source_ton=0&source_npi=1&dest_ton=2&dest_npi=8")
    assert link.source("6111") == Address("6111", 0, 1)
    assert link.destination("+79210000001") == Address("79210000001", 2, 8)


def test_a_link_overrides_verdicts() -> None:
    link = only(LINK + "?verdict=0x45:message_bad")
    assert [link.verdict(status) for status in (0, 0x45, 0x58)] == [Verdict.OK, Verdict.MESSAGE_BAD, Verdict.THROTTLE]
