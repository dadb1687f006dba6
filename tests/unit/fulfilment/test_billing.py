"""What the billing's answers mean, as docs/billing.md has them; and what of them may be kept."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.errors import ConfigurationError
from gateway.fulfilment.billing import REASON_LENGTH_MAX, meant, signature, trusted
from gateway.fulfilment.model import Answer, Verdict
from gateway.http.access import Caller, refusal
from gateway.settings import BillingAccess, DialectAccess, Repeats

DELIVERED, REFUSED, NOT_NOW, UNKNOWN, ABSENT = Verdict


@pytest.mark.parametrize(
    ("status", "said", "verdict"),
    [
        pytest.param(200, b'{"state": "delivered"}', DELIVERED, id="delivered"),
        pytest.param(201, b'{"state": "delivered", "more": [1]}', DELIVERED, id="more than we know"),
        pytest.param(409, b'{"state": "delivered"}', DELIVERED, id="it was before"),
        pytest.param(200, b'{"state": "refused"}', REFUSED, id="refused"),
        pytest.param(422, b'{"state": "refused", "reason": "no such tariff"}', REFUSED, id="refused as an error"),
        pytest.param(202, b"", UNKNOWN, id="taken, and not done"),
        pytest.param(202, b'{"state": "delivered"}', UNKNOWN, id="taken, whatever it says"),
        pytest.param(200, b'{"state": "pending"}', UNKNOWN, id="pending"),
        pytest.param(404, b'{"state": "unknown"}', ABSENT, id="never heard of"),
        pytest.param(404, b"Not Found", NOT_NOW, id="somebody else's page"),
        pytest.param(400, b"{}", NOT_NOW, id="not understood"),
        pytest.param(401, b"", NOT_NOW, id="who are you"),
        pytest.param(403, b'{"state": "refused"}', NOT_NOW, id="you may not: a matter of keys, not of the order"),
        pytest.param(429, b"", NOT_NOW, id="too many"),
        pytest.param(503, b"", NOT_NOW, id="not now"),
        pytest.param(409, b"", UNKNOWN, id="a conflict, with what?"),
        pytest.param(500, b"", UNKNOWN, id="at a loss"),
        pytest.param(500, b'{"state": "delivered"}', UNKNOWN, id="at a loss, whatever it says"),
        pytest.param(504, b"", UNKNOWN, id="a proxy lost patience"),
        pytest.param(303, b"", UNKNOWN, id="see other: it may have been done"),
        pytest.param(200, b"OK", UNKNOWN, id="no document"),
        pytest.param(200, b"", UNKNOWN, id="nothing"),
        pytest.param(200, b"[]", UNKNOWN, id="another document"),
        pytest.param(200, b'{"state": "DELIVERED"}', UNKNOWN, id="another word"),
        pytest.param(200, b'{"state": true}', UNKNOWN, id="no word"),
        pytest.param(200, b"\xff\xfe{", UNKNOWN, id="no text"),
    ],
)
def test_what_an_answer_means(status: int, said: bytes, verdict: Verdict) -> None:
    assert meant(status, said).verdict is verdict


@pytest.mark.parametrize("status", [401, 403, 404, 400])
def test_what_a_person_must_change_is_said(status: int) -> None:
    answer = meant(status, b"")
    assert answer.misconfigured
    assert "GATEWAY_BILLING_" in answer.reason


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        pytest.param("no such tariff", "no such tariff", id="as it is"),
        pytest.param("код 17: тариф закрыт", "код 17: тариф закрыт", id="a short number is none of a subscriber"),
        pytest.param("+7 921 000-00-01 is blocked", "+…is blocked", id="a subscriber's number"),
        pytest.param("line\\none\\u0000", "lineone", id="what a terminal would obey"),
        pytest.param("x" * 200, "x" * REASON_LENGTH_MAX, id="too long"),
    ],
)
def test_what_of_a_reason_is_kept(reason: str, kept: str) -> None:
    said = f'{{"state": "refused", "reason": "{reason}"}}'.encode()
    assert meant(200, said) == Answer(REFUSED, kept)


def test_the_signature_is_the_one_that_we_ask_of_others() -> None:
    now, body = datetime(2026, 11, 22, tzinfo=UTC), b'{"order_id": "1"}'
    headers = signature(b"a key of tests", now, body)
    access = DialectAccess(hmac_key=SecretStr("a key of tests"))
    assert refusal(access, Caller("192.0.2.1", headers, body), now.timestamp(), demo=False) is None
    changed = Caller("192.0.2.1", headers, body + b" ")
    assert refusal(access, changed, now.timestamp(), demo=False) == "the HMAC signature does not hold"


def test_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("none")
    access = BillingAccess("https://billing.example", SecretStr("x" * 16), Repeats.NEVER, 10, file)
    with pytest.raises(ConfigurationError, match=r"GATEWAY_BILLING_CA=.*ca.pem cannot be read"):
        trusted(access)
