"""The command, over real HTTP against a small application: exit codes, what is said, what is saved."""

import json
from pathlib import Path

import pytest

from simulator.cli import main
from tests.live.processes import free_port

STORIES = """
title: A greeting
screens: {greeting: "Привет\\n1 Дальше", parting: Пока}
dials:
  - story: greets
    steps:
      - {dial: "*123#", see: greeting}
      - {answer: 1, see: parting, ends: true}
"""
SHORT = ["--no-sms", "--rate", "5", "--for", "1s", "--think", "0"]


def ran(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["simulator", "load", *arguments])
    with pytest.raises(SystemExit) as exited:
        main()
    return exited.value.code


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    file = tmp_path / "stories.yaml"
    file.write_text(STORIES, encoding="utf-8")
    return file


def test_a_load(
    url: str, stories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, numbers = tmp_path / "r.html", tmp_path / "r.json"
    saved = ["--report", str(page), "--json", str(numbers)]
    code = ran(monkeypatch, *SHORT, "--url", url, "--stories", str(stories), *saved)
    said = capsys.readouterr().out
    told = json.loads(numbers.read_text(encoding="utf-8"))
    assert told["waits"]["screens"]["count"] == 10, said
    assert told["wrong"] == {}
    assert code == (1 if told["complaints"] else 0), "a machine that starves us is the one thing that may be told"
    assert "5 sessions a second, for 0:01" in said
    assert f"Saved: {page}" in said
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_is_wrong_without_any_load_is_told_before_it(
    url: str, stories: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stories.write_text(STORIES.replace("parting: Пока", "parting: До встречи"), encoding="utf-8")
    assert ran(monkeypatch, *SHORT, "--url", url, "--stories", str(stories)) == 1
    said = capsys.readouterr().out
    assert "Wrong before any load: wrong screen" in said
    assert "greets, step 2, answer 1" in said
    assert "| До встречи\nshown\n    | Пока" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            [*SHORT, "--url", f"http://127.0.0.1:{free_port()}"], "start a gateway with `make run`", id="gateway"
        ),
        pytest.param(["--control-url", f"http://127.0.0.1:{free_port()}"], "or leave SMS out: --no-sms", id="SMSC"),
        pytest.param(["--rate", "0", "--texts", "0"], "nothing is asked for", id="nothing asked"),
        pytest.param(["--for", "soon"], "cannot read the time 'soon'", id="a time"),
        pytest.param(["--think", "long"], "cannot read the time to think", id="a thought"),
        pytest.param(["--first-number", "0"], "not a number to begin with", id="a number"),
        pytest.param(["--stories", "/nowhere.yaml"], "cannot be read", id="a file"),
        pytest.param(["--report", "/nowhere/r.html"], "cannot be saved in /nowhere/r.html", id="a folder"),
        pytest.param([*SHORT, "--dialect", "smoke"], "no such dialect", id="a dialect"),
    ],
)
def test_what_cannot_be_tried(
    url: str,
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SIMULATOR_URL", url)
    assert ran(monkeypatch, *arguments) == 2
    assert words in capsys.readouterr().err
