"""Every dialect against its table of vectors: its gateway's manual, as rows."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.callback import Callback
from gateway.errors import GatewayError
from gateway.msisdn import Msisdn
from gateway.ussd.dialects import dialects, names
from gateway.ussd.dialects.wire import Dialect
from gateway.ussd.message import Kind, UssdReply, UssdRequest

HERE = Path(__file__).parent


def vectors(name: str) -> dict[str, Any]:
    """A dialect's table."""
    table = HERE / f"{name}.yaml"
    return yaml.safe_load(table.read_text(encoding="utf-8")) if table.is_file() else {}


def rows(kind: str) -> list[Any]:
    """One parameter a row, over all dialects."""
    return [
        pytest.param(dialect, row, id=f"{dialect.name}: {row['name']}")
        for dialect in dialects(names())
        for row in vectors(dialect.name).get(kind, [])
    ]


def parse(dialect: Dialect, row: dict[str, Any]) -> dict[str, Any]:
    """The neutral request that a row's callback becomes."""
    [route] = [route for route in dialect.routes if route.suffix == row["route"]]
    headers = {"content-type": vectors(dialect.name)["content_type"]} | row.get("headers", {})
    return asdict(route.parse(Callback(headers, row.get("query", ""), row["body"].encode()), "RU"))


@pytest.mark.parametrize("name", names())
def test_a_dialect_has_its_evidence(name: str) -> None:
    found = vectors(name)
    assert found.get("callbacks"), f"write tests/contract/dialects/{name}.yaml: what its gateway sends"
    assert found.get("replies"), f"write tests/contract/dialects/{name}.yaml: what its gateway hears"


@pytest.mark.parametrize(("dialect", "row"), rows("callbacks"))
def test_a_callback_is_read(dialect: Dialect, row: dict[str, Any]) -> None:
    request = parse(dialect, row)
    assert {name: request[name] for name in row["request"]} == row["request"]


@pytest.mark.parametrize(("dialect", "row"), rows("refused"))
def test_rubbish_is_refused_with_what_to_send_and_without_what_was_sent(dialect: Dialect, row: dict[str, Any]) -> None:
    with pytest.raises(GatewayError) as refused:
        parse(dialect, row)
    assert row["says"] in str(refused.value)
    assert "9210000001" not in str(refused.value)


@pytest.mark.parametrize(("dialect", "row"), rows("replies"))
def test_a_reply_is_what_the_gateway_expects(dialect: Dialect, row: dict[str, Any]) -> None:
    answered = {"session_id": "s", "kind": "opened"} | row.get("request", {})
    request = UssdRequest(msisdn=Msisdn("+79210000001"), kind=Kind(answered.pop("kind")), **answered)
    answer = dialect.format_reply(UssdReply(row["text"], row["ends"]), request)
    assert answer.body.decode() == row["body"]
    assert answer.headers == row.get("headers", answer.headers)


@pytest.mark.parametrize("dialect", dialects(names()), ids=lambda dialect: dialect.name)
def test_every_route_is_described_for_openapi(dialect: Dialect) -> None:
    for route in dialect.routes:
        assert route.documentation["summary"]
        assert "200" in route.documentation["responses"]
