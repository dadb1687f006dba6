"""Every dialect of SMS over HTTP against its table of vectors: its gateway's manual, as rows."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.callback import Callback
from gateway.errors import BadRequestError
from gateway.msisdn import Msisdn
from gateway.sms.dialects import dialect, names
from gateway.sms.dialects.wire import Dialect, Outgoing, Report, Text
from gateway.sms.http_settings import parse

HERE = Path(__file__).parent
EVIDENCE = ("texts", "reports", "refused", "messages", "answers")
A_NUMBER = "9210000001"


def vectors(name: str) -> dict[str, Any]:
    """A dialect's table."""
    table = HERE / f"{name}.yaml"
    return yaml.safe_load(table.read_text(encoding="utf-8")) if table.is_file() else {}


def rows(kind: str) -> list[Any]:
    """One parameter a row, over all dialects."""
    return [
        pytest.param(dialect(name), row, id=f"{name}: {row['name']}")
        for name in names()
        for row in vectors(name).get(kind, [])
    ]


def read(spoken: Dialect, suffix: str, row: dict[str, Any]) -> Text | Report:
    """What a row's callback says."""
    [route] = [route for route in spoken.routes if route.suffix == suffix]
    assert row.get("method", route.methods[0]) in route.methods
    common = {"content-type": kind} if (kind := vectors(spoken.name).get("content_type")) else {}
    return route.parse(Callback(common | row.get("headers", {}), row.get("query", ""), row.get("body", "").encode()))


def outgoing(reference: str, text: str, minutes: int, *, wants_receipt: bool = True) -> Outgoing:
    number = Msisdn(f"+7{A_NUMBER}")
    return Outgoing(reference, number, "6111", text, timedelta(minutes=minutes), wants_receipt)


@pytest.mark.parametrize("name", names())
def test_a_dialect_has_its_evidence(name: str) -> None:
    missing = [kind for kind in EVIDENCE if not vectors(name).get(kind)]
    assert missing == [], f"write tests/contract/sms_over_http/{name}.yaml: {missing}"


@pytest.mark.parametrize(("spoken", "row"), rows("texts"))
def test_a_text_is_read(spoken: Dialect, row: dict[str, Any]) -> None:
    said = asdict(read(spoken, "", row))
    assert {name: said[name] for name in row["text"]} == row["text"]


@pytest.mark.parametrize(("spoken", "row"), rows("reports"))
def test_a_report_is_read(spoken: Dialect, row: dict[str, Any]) -> None:
    said = asdict(read(spoken, "/receipts", row))
    assert {name: said[name] for name in row["report"]} == row["report"]


@pytest.mark.parametrize(("spoken", "row"), rows("refused"))
def test_rubbish_is_refused_with_what_to_send_and_without_what_was_sent(spoken: Dialect, row: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError) as refused:
        read(spoken, row["route"], row)
    assert row["says"] in str(refused.value)
    assert A_NUMBER not in str(refused.value)


@pytest.mark.parametrize(("spoken", "row"), rows("messages"))
def test_a_message_is_what_the_gateway_takes(spoken: Dialect, row: dict[str, Any]) -> None:
    (link,) = parse(vectors(spoken.name)["link"])
    submission = spoken.submit(outgoing(**row["message"]), link)
    wanted = row.get("headers", {})
    assert {name: submission.headers.get(name) for name in wanted} == wanted
    assert [name for name in row.get("absent", []) if name in submission.headers] == []
    assert submission.body.decode() == row["body"]


@pytest.mark.parametrize(("spoken", "row"), rows("answers"))
def test_an_answer_means_what_the_gateway_says(spoken: Dialect, row: dict[str, Any]) -> None:
    meant = spoken.read(row["status"], row["body"].encode(), outgoing("42", "x", 1))
    if row["verdict"] is None:
        assert meant is None, "nobody can tell whether it was taken"
        return
    assert meant is not None
    assert (meant.verdict, meant.message_id) == (row["verdict"], row.get("message_id", ""))
    assert meant.for_all is row.get("for_all", False)
    assert bool(meant.reason) is (row["verdict"] != "ok"), "a person must read why"


@pytest.mark.parametrize("name", names())
def test_every_route_is_described_for_openapi(name: str) -> None:
    for route in dialect(name).routes:
        assert route.documentation["summary"]
        assert {"200", "503"} <= set(route.documentation["responses"])


@pytest.mark.parametrize("name", names())
def test_no_secret_shows_by_accident(name: str) -> None:
    (link,) = parse(vectors(name)["link"])
    assert "hunter2" not in repr(link) + link.shown + link.url
    assert "hunter2" not in repr(dialect(name).submit(outgoing("42", "x", 1), link))
