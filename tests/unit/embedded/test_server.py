"""When a server is started again, and how long its log may grow."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from gateway.embedded.server import DEATHS_MAX, LOG_BYTES_MAX, STEADY_S, Part, Server, open_log, pause_s
from gateway.errors import ConfigurationError


@pytest.mark.parametrize(
    ("deaths", "pause"),
    [
        pytest.param(1, 0.0, id="at-once"),
        pytest.param(2, 0.1, id="second"),
        pytest.param(3, 0.2, id="doubled"),
        pytest.param(7, 3.2, id="long"),
        pytest.param(8, 5.0, id="longest"),
        pytest.param(DEATHS_MAX, 5.0, id="stays-longest"),
    ],
)
def test_pause_before_the_next_start(deaths: int, pause: float) -> None:
    assert pause_s(deaths) == pytest.approx(pause)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IO[bytes]]:
    with open_log(tmp_path / "log") as file:
        yield file


def server(command: tuple[str, ...], tmp_path: Path, log: IO[bytes]) -> Server:
    part = Part("mortal", command, tmp_path, signal.SIGTERM, ready=lambda _: True, sockets=())
    return Server(part, log, log.fileno())


def one_life(mortal: Server, now: float) -> None:
    """Has its last death noticed at `now`, starts it when that is due, and waits for its next end."""
    mortal.tend(now)
    due_at = mortal.due_at()
    if due_at is not None:
        mortal.tend(due_at)
    os.waitid(os.P_PID, mortal.pid, os.WEXITED | os.WNOWAIT)


def test_who_always_dies_is_given_up(tmp_path: Path, log: IO[bytes]) -> None:
    mortal = server(("false",), tmp_path, log)
    now = 0.0
    for lives_before in range(DEATHS_MAX):
        assert mortal.deaths == max(0, lives_before - 1)
        one_life(mortal, now)
        now += 6.0  # longer than any pause, shorter than a steady life
    with pytest.raises(ConfigurationError, match=f"died {DEATHS_MAX} times in a row"):
        one_life(mortal, now)
    mortal.wait_stopped()


def test_who_lived_long_starts_again_at_once(tmp_path: Path, log: IO[bytes]) -> None:
    mortal = server(("true",), tmp_path, log)
    for life in range(5):
        one_life(mortal, life * (STEADY_S + 1))
    assert mortal.deaths == 1
    mortal.ask_to_stop()
    mortal.wait_stopped()


@pytest.mark.parametrize(
    ("bytes_before", "moved"),
    [pytest.param(LOG_BYTES_MAX, False, id="at-the-limit"), pytest.param(LOG_BYTES_MAX + 1, True, id="one-past")],
)
def test_a_long_log_moves_aside(tmp_path: Path, bytes_before: int, moved: bool) -> None:
    path = tmp_path / "postgres.log"
    path.write_bytes(b"x" * bytes_before)
    open_log(path).close()
    assert path.with_name("postgres.log.1").exists() is moved
    assert path.stat().st_size == (0 if moved else bytes_before)
