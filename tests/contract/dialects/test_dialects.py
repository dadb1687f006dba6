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
from gateway.ussd.dialects.wire import Dialect, Route
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


def route_of(dialect: Dialect, row: dict[str, Any]) -> Route:
    """The route of a row: by its path, and by its method where the path has several."""
    methods = [row["method"]] if "method" in row else [route.method for route in dialect.routes]
    [route] = [route for route in dialect.routes if route.suffix == row["route"] and route.method in methods]
    return route


def parse(dialect: Dialect, row: dict[str, Any]) -> dict[str, Any]:
    """The neutral request that a row's callback becomes."""
    headers = {"content-type": vectors(dialect.name).get("content_type", "")} | row.get("headers", {})
    callback = Callback(headers, row.get("query", ""), row.get("body", "").encode(), row.get("path", {}))
    return asdict(route_of(dialect, row).parse(callback, "RU"))


@pytest.mark.parametrize("dialect", dialects(names()), ids=lambda dialect: dialect.name)
def test_a_dialect_has_its_evidence(dialect: Dialect) -> None:
    table, found = f"tests/contract/dialects/{dialect.name}.yaml", vectors(dialect.name)
    heard = [route_of(dialect, row) for row in found.get("callbacks", [])]
    assert all(route in heard for route in dialect.routes), f"write into {table} what its gateway sends, by each route"
    assert found.get("refused"), f"write into {table} what is refused"
    assert {row["ends"] for row in found.get("replies", [])} == {True, False}, f"write into {table} what it hears"
    pairs_of_hops = {"same_hop", "other_hop"}
    assert pairs_of_hops <= found.keys(), f"write into {table} what tells one hop from another"


@pytest.mark.parametrize("name", names())
def test_an_operator_reads_how_to_point_it_at_us(name: str) -> None:
    settings = (HERE.parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f"\n| `{name}` | " in settings, (
        f"write a row for {name} into docs/settings.md, Pointing a USSD gateway at us"
    )


def named(dialect: Dialect, name: str) -> dict[str, Any]:
    """The request of the callback that has this name in its table."""
    [row] = [row for row in vectors(dialect.name)["callbacks"] if row["name"] == name]
    return parse(dialect, row)


def pairs(kind: str) -> list[Any]:
    """One parameter for each pair of callbacks, over all dialects."""
    return [
        pytest.param(dialect, pair, id=f"{dialect.name}: {' / '.join(pair)}")
        for dialect in dialects(names())
        for pair in vectors(dialect.name).get(kind, [])
    ]


@pytest.mark.parametrize(("dialect", "pair"), pairs("same_hop"))
def test_a_repeat_cannot_be_told_from_its_hop(dialect: Dialect, pair: list[str]) -> None:
    """So that it is answered with what its hop was answered; also where the subscriber pressed the same key again, and
    the dialect has nothing to tell the two apart by."""
    first, second = (named(dialect, name) for name in pair)
    assert (first["session_id"], first["hop"]) == (second["session_id"], second["hop"])


@pytest.mark.parametrize(("dialect", "pair"), pairs("other_hop"))
def test_another_hop_is_told_from_it(dialect: Dialect, pair: list[str]) -> None:
    first, second = (named(dialect, name) for name in pair)
    assert first["session_id"] == second["session_id"]
    assert first["hop"] != second["hop"]


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
