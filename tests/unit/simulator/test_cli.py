"""The simulator's command line: what a script sees of it, exit codes and the two streams."""

from pathlib import Path

import pytest

from simulator.cli import main
from simulator.network import Network
from tests.unit.simulator.responder import Responder

PASSES = 'title: It passes\nsteps:\n  - {dial: "*123#", expect: [Привет]}\n'
DIFFERS = 'title: It differs\nsteps:\n  - {dial: "*123#", expect: [Баланс]}\n'
FAULTY = 'title: It is faulty\nsteps:\n  - {dial: "123"}\n'
TEXTS = 'title: It texts\nsteps:\n  - dial: "*123#"\n  - {text: Баланс, to: 6111, expect_sms: [500]}\n'


def ran(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["simulator", *arguments])
    with pytest.raises(SystemExit) as exited:
        main()
    return exited.value.code


@pytest.mark.parametrize(
    ("texts", "code", "out", "err"),
    [
        pytest.param([PASSES], 0, ["✓ It passes (1 screen)"], [], id="all as expected"),
        pytest.param([PASSES, DIFFERS], 1, ["✓ It passes", "✗ It differs", "1 of 2"], [], id="one differs"),
        pytest.param([PASSES, FAULTY], 2, [], ["1.yaml:3: steps 1: cannot dial '123'"], id="a file is wrong"),
    ],
)
def test_play(
    tmp_path: Path,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    texts: list[str],
    code: int,
    out: list[str],
    err: list[str],
) -> None:
    files = [tmp_path / f"{place}.yaml" for place in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    assert ran(monkeypatch, "play", "--url", url, *map(str, files)) == code
    shown = capsys.readouterr()
    for words in out:
        assert words in shown.out
    for words in err:
        assert words in shown.err


def test_play_shows_screens_when_asked(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(PASSES, encoding="utf-8")
    assert ran(monkeypatch, "play", "-v", "--url", url, str(file)) == 0
    assert "15/80 UCS-2" in capsys.readouterr().out


def test_play_says_how_many_sms_it_saw(
    tmp_path: Path,
    url: str,
    network: Network,
    responder: Responder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    responder.answers["Баланс"] = ("У вас 500 баллов",)
    file = tmp_path / "d.yaml"
    file.write_text(TEXTS, encoding="utf-8")
    monkeypatch.setenv("SIMULATOR_CONTROL_URL", network.url)
    assert ran(monkeypatch, "play", "-v", "--url", url, str(file)) == 0
    out = capsys.readouterr().out
    assert "✓ It texts (1 screen, 1 SMS)" in out
    assert "SMS from 6111" in out


def test_play_without_an_smsc(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(TEXTS, encoding="utf-8")
    assert ran(monkeypatch, "play", "--url", url, "--control-url", "http://127.0.0.1:9", str(file)) == 2
    assert "no SMSC answers at http://127.0.0.1:9" in capsys.readouterr().err


def test_the_address_comes_from_the_environment(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(PASSES, encoding="utf-8")
    monkeypatch.setenv("SIMULATOR_URL", url)
    assert ran(monkeypatch, "play", str(file)) == 0
    monkeypatch.setenv("SIMULATOR_URL", "http://127.0.0.1:9")
    assert ran(monkeypatch, "play", str(file)) == 2
    assert "make run" in capsys.readouterr().err


def test_an_unknown_dialect_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(monkeypatch, "terminal", "--dialect", "smoke") == 2
    assert "there are: africastalking" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code", "out"),
    [
        pytest.param(["--coverage"], 0, "1/3 screens, 1/3 ways", id="told"),
        pytest.param(["--coverage-min", "30"], 0, "1/3 ways", id="enough"),
        pytest.param(
            ["--coverage-min", "34"], 1, "33.3 % of the ways were taken, and 34 % are asked for", id="too few"
        ),
    ],
)
def test_play_covers(
    tmp_path: Path,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    code: int,
    out: str,
) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(PASSES, encoding="utf-8")
    assert ran(monkeypatch, "play", "--url", url, *options, str(file)) == code
    assert out in capsys.readouterr().out
