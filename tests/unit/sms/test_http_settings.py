"""Links to SMS gateways over HTTP as an operator writes them, and what is said when they are written wrong."""

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.sms.dialects.wire import HttpLinkSettings
from gateway.sms.http_settings import LINKS_MAX, parse, trusted

PASSWORD = "s3cret"
KANNEL = f"kannel://bolshe:{PASSWORD}@kannel.example"
AFRICA = f"africastalking://bolshe:{PASSWORD}@api.example"
RECEIPTS = "http://10.0.0.5:8080/sms/kannel/receipts/s3cret"


def only(text: str) -> HttpLinkSettings:
    (link,) = parse(text, ["smpp"])
    return link


@pytest.mark.parametrize(
    ("url", "field", "value"),
    [
        pytest.param(KANNEL, "url", "http://kannel.example:13013/cgi-bin/sendsms", id="Kannel's usual port and path"),
        pytest.param(AFRICA, "url", "https://api.example:443/version1/messaging", id="Africa's Talking's, with TLS"),
        pytest.param("kannel://b:p@[::1]:80", "url", "http://[::1]:80/cgi-bin/sendsms", id="IPv6"),
        pytest.param(KANNEL + "?path=/sms", "url", "http://kannel.example:13013/sms", id="another path"),
        pytest.param(KANNEL + "?tls=yes", "url", "https://kannel.example:13013/cgi-bin/sendsms", id="Kannel with TLS"),
        pytest.param(AFRICA + "?tls=no", "tls", False, id="without TLS"),
        pytest.param(KANNEL, "smsc", "main", id="a name by default"),
        pytest.param(KANNEL + "?smsc=mts", "smsc", "mts", id="a name"),
        pytest.param("kannel://b:a%2Cb%40@h", "password", "a,b@", id="signs in a password"),
        pytest.param(KANNEL + "?window=1", "window", 1, id="the smallest window"),
        pytest.param(KANNEL + "?window=200", "window", 200, id="the largest window"),
        pytest.param(KANNEL + "?tps=20", "tps", 20, id="a rate"),
        pytest.param(KANNEL + "?region=KZ", "region", "KZ", id="a country"),
        pytest.param(KANNEL + "?stands_in_for=smpp", "stands_in_for", "smpp", id="stands in for a link of SMPP"),
        pytest.param(KANNEL + "?route=mts-1", "route", "mts-1", id="one of Kannel's SMSCs"),
        pytest.param(f"{KANNEL}?receipts_url={RECEIPTS}", "receipts_url", RECEIPTS, id="where Kannel finds us"),
    ],
)
def test_what_may_be_said(url: str, field: str, value: object) -> None:
    assert getattr(only(url), field) == value


def test_none_is_none() -> None:
    assert parse("") == parse(" , ") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("smpp://b:s3cret@h", "begins with africastalking:// or kannel://", id="another scheme"),
        pytest.param("kannel://h", "write kannel://user:password@host:13013", id="no user"),
        pytest.param("kannel://b@h", "password: ", id="no password"),
        pytest.param("kannel://b:s3cret@h:0", "port: ", id="no port"),
        pytest.param("kannel://b:s3cret@h:none", "a port is a number", id="a word for a port"),
        pytest.param("kannel://b:s3%cret@h", "written %3A", id="a lone percent"),
        pytest.param("kannel://b:s3cret?x@h", "written %3A", id="a question mark in a password"),
        pytest.param(KANNEL + "?windw=5", "is it window?", id="a parameter misspelt"),
        pytest.param(AFRICA + "?route=a", "africastalking has ca, connect_s", id="a parameter of the other"),
        pytest.param(KANNEL + "?window", "written once, as window=value", id="no value"),
        pytest.param(KANNEL + "?window=0", "window: ", id="a window of none"),
        pytest.param(KANNEL + "?window=201", "window: ", id="a window too large"),
        pytest.param(KANNEL + "?region=XX", "ISO 3166", id="no country"),
        pytest.param(KANNEL + "?smsc=A%20b", "smsc: ", id="a name with a blank"),
        pytest.param(KANNEL + "?route=%D0%90", "printable ASCII", id="a route that no header holds"),
        pytest.param(KANNEL + "?receipts_url=10.0.0.5", "http://10.0.0.5:8080/sms/kannel/receipts", id="no address"),
        pytest.param(KANNEL + "?receipts_url=http://h/?a", "without ? # %", id="an address with a question mark"),
        pytest.param(KANNEL + "?connect_s=20", "connect_s is at most response_s", id="waits longer to connect"),
        pytest.param(KANNEL + "?stands_in_for=nobody", "is the name of no other link", id="stands in for nobody"),
        pytest.param(KANNEL + "?stands_in_for=main", "is the name of no other link", id="stands in for itself"),
        pytest.param(f"{KANNEL},{KANNEL}", "link 2: is link 1 again", id="one twice"),
        pytest.param(f"{KANNEL},{AFRICA}", "link 2: is another account than link 1", id="two without names"),
        pytest.param(f"{KANNEL}?smsc=a,{AFRICA}?smsc=a", "link 2: is another account", id="two dialects of one name"),
        pytest.param(f"{KANNEL}?smsc=smpp", "link 1: smpp is the name of a link of GATEWAY_SMPP", id="SMPP's name"),
        pytest.param(
            ",".join(f"kannel://b:s3cret@h{n}?smsc=n{n}" for n in range(LINKS_MAX + 1)), "at most 16", id="too many"
        ),
    ],
)
def test_what_is_wrong_is_said_and_no_password_repeated(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(text, ["smpp"])
    assert says in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_two_hosts_of_one_gateway_share_a_name_where_that_is_said() -> None:
    links = parse(f"{KANNEL}?smsc=a,kannel://bolshe:{PASSWORD}@kannel2.example?smsc=a")
    assert [link.smsc for link in links] == ["a", "a"]


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"main africastalking bolshe@api\.example:443: ca: no certificates"):
        trusted(only(f"{AFRICA}?ca={tmp_path / 'none.pem'}"))
