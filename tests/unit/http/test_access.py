"""Who is answered: each proof of a USSD gateway, alone and together; the API's keys."""

import base64
import hmac
from ipaddress import ip_network

import pytest
from pydantic import SecretStr

from gateway.http.access import ApiKeys, Caller, is_local, refusal
from gateway.settings import ApiKey, DialectAccess, Scope

NOW_S = 1_800_000_000.0
BODY = b"sessionId=s"


def caller(host: str = "192.0.2.7", secret: str = "", **headers: str) -> Caller:
    return Caller(host, {name.replace("_", "-"): value for name, value in headers.items()}, BODY, secret)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def signature(timestamp: int, body: bytes = BODY, key: bytes = b"k") -> str:
    return hmac.digest(key, str(timestamp).encode() + b"." + body, "sha256").hex()


NOW = int(NOW_S)
SECRET = DialectAccess(secret=SecretStr("s3cret"))
ALLOW = DialectAccess(allow=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))
BASIC = DialectAccess(user="at", password=SecretStr("p:w"))
API_KEY = DialectAccess(api_key=SecretStr("key"))
HMAC = DialectAccess(hmac_key=SecretStr("k"))
TWO = DialectAccess(secret=SecretStr("s3cret"), allow=(ip_network("192.0.2.7"),))

ANSWERED = [
    pytest.param(SECRET, caller(secret="s3cret"), id="secret in the path"),
    pytest.param(ALLOW, caller(), id="address in a network"),
    pytest.param(ALLOW, caller(host="2001:db8::1"), id="IPv6 address"),
    pytest.param(ALLOW, caller(host="::ffff:192.0.2.7"), id="IPv4 seen by a socket on ::"),
    pytest.param(BASIC, caller(authorization=basic("at:p:w")), id="user, and a password with a colon"),
    pytest.param(API_KEY, caller(x_api_key="key"), id="API key"),
    pytest.param(HMAC, caller(x_gateway_timestamp=str(NOW), x_gateway_signature=signature(NOW)), id="HMAC"),
    pytest.param(
        HMAC, caller(x_gateway_timestamp=str(NOW - 300), x_gateway_signature=signature(NOW - 300)), id="HMAC, 300 s old"
    ),
    pytest.param(TWO, caller(secret="s3cret"), id="two proofs, both hold"),
]
REFUSED = [
    pytest.param(DialectAccess(), caller(), "configured", id="nothing configured"),
    pytest.param(DialectAccess(), caller(host="127.0.0.1"), "configured", id="nothing configured, from this machine"),
    pytest.param(SECRET, caller(), "secret", id="no secret"),
    pytest.param(SECRET, caller(secret="S3cret"), "secret", id="wrong secret"),
    pytest.param(ALLOW, caller(host="198.51.100.1"), "address", id="address outside"),
    pytest.param(ALLOW, caller(host="198.51.100.1", x_forwarded_for="192.0.2.7"), "address", id="a header claims"),
    pytest.param(ALLOW, caller(host=""), "address", id="no address"),
    pytest.param(BASIC, caller(authorization=basic("at:p")), "password", id="wrong password"),
    pytest.param(BASIC, caller(authorization="Basic ?"), "password", id="no base64"),
    pytest.param(BASIC, caller(authorization="Bearer " + basic("at:p:w")[6:]), "password", id="another scheme"),
    pytest.param(API_KEY, caller(), "API key", id="no key"),
    pytest.param(
        HMAC, caller(x_gateway_timestamp=str(NOW - 301), x_gateway_signature=signature(NOW - 301)), "HMAC", id="too old"
    ),
    pytest.param(
        HMAC, caller(x_gateway_timestamp=str(NOW + 301), x_gateway_signature=signature(NOW + 301)), "HMAC", id="too new"
    ),
    pytest.param(HMAC, caller(x_gateway_timestamp=str(NOW)), "HMAC", id="no signature"),
    pytest.param(
        HMAC,
        caller(x_gateway_timestamp=str(NOW), x_gateway_signature=signature(NOW, b"sessionId=t")),
        "HMAC",
        id="signature of another body",
    ),
    pytest.param(HMAC, caller(x_gateway_timestamp="now", x_gateway_signature="x"), "HMAC", id="no timestamp"),
    pytest.param(TWO, caller(host="192.0.2.8", secret="s3cret"), "address", id="two proofs, one fails"),
]


@pytest.mark.parametrize(("access", "who"), ANSWERED)
def test_answered(access: DialectAccess, who: Caller) -> None:
    assert refusal(access, who, NOW_S, demo=False) is None


@pytest.mark.parametrize(("access", "who", "says"), REFUSED)
def test_refused_and_told_which_proof(access: DialectAccess, who: Caller, says: str) -> None:
    assert says in (refusal(access, who, NOW_S, demo=False) or "answered")


@pytest.mark.parametrize(
    ("who", "local"),
    [
        pytest.param(caller(host="127.0.0.1"), True, id="loopback"),
        pytest.param(caller(host="::1"), True, id="IPv6 loopback"),
        pytest.param(caller(host="127.0.0.1", forwarded="for=192.0.2.1"), False, id="Forwarded"),
        pytest.param(caller(host="127.0.0.1", x_forwarded_for="192.0.2.1"), False, id="X-Forwarded-For"),
        pytest.param(caller(host="127.0.0.1", x_forwarded_port="443"), False, id="X-Forwarded-Port"),
        pytest.param(caller(host="127.0.0.1", via="1.1 proxy"), False, id="Via"),
        pytest.param(caller(host="::ffff:127.0.0.1"), True, id="loopback seen by a socket on ::"),
        pytest.param(caller(host="192.0.2.1"), False, id="another machine"),
    ],
)
def test_a_demo_without_proofs_answers_this_machine_only(who: Caller, local: bool) -> None:
    assert is_local(who) is local
    assert (refusal(DialectAccess(), who, NOW_S, demo=True) is None) is local


def test_a_configured_proof_holds_in_a_demo_too() -> None:
    assert refusal(SECRET, caller(host="127.0.0.1"), NOW_S, demo=True) is not None


def test_a_caller_is_known_by_its_secret() -> None:
    crm = ApiKey("crm", SecretStr("a"), frozenset({Scope.EVENTS}))
    keys = ApiKeys((crm, ApiKey("idle", SecretStr("b"), frozenset())), local_only=False)
    assert keys.caller(caller(x_api_key="a")) is crm
    assert keys.caller(caller(x_api_key="c")) is None
    assert keys.caller(caller(x_api_key="")) is None
    assert keys.caller(caller()) is None


def test_the_demo_key_works_from_this_machine_only() -> None:
    keys = ApiKeys((ApiKey("demo", SecretStr("demo"), frozenset(Scope)),), local_only=True)
    assert keys.caller(caller(host="127.0.0.1", x_api_key="demo")) is not None
    assert keys.caller(caller(host="192.0.2.1", x_api_key="demo")) is None
