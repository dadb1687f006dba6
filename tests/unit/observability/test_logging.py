"""What a line shows of a bug: where it was, and nothing of what it was about."""

import io
import json

import pytest

from gateway.log_events import LogEvent
from gateway.observability import logging


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    output = io.BytesIO()
    monkeypatch.setattr(logging, "_log", logging.logger_to(output))
    return output


def test_a_bug_shows_its_places_and_no_values(written: io.BytesIO) -> None:
    def fails(secret: str) -> None:
        raise ValueError(f"cannot read {secret}")

    try:
        fails("the gift code 123456")
    except ValueError as error:
        logging.error(LogEvent.UNEXPECTED, error)
    line = json.loads(written.getvalue())
    assert (line["event"], line["error"]) == ("unexpected", "ValueError")
    assert "test_logging.py" in line["places"][-1]
    assert "123456" not in written.getvalue().decode()


def test_a_line_is_one_json_object_in_readable_russian(written: io.BytesIO) -> None:
    logging.info(LogEvent.HOP, screen="домой", ms=1.5)
    assert written.getvalue().count(b"\n") == 1
    assert "домой".encode() in written.getvalue()
    assert json.loads(written.getvalue())["level"] == "info"
