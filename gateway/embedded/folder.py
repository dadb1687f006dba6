"""The data folder: whose it is, what it offers, and what dead processes left in it.

Two locks say it all, because the kernel drops them with the last process that holds them, in whatever way it
died, while a number in a file may by then be a zombie's or a stranger's:

- `keeper.lock` is held by the keeper alone. Free: no keeper lives.
- `servers.lock` is inherited by every server process. Free: no server process lives.

`keeper.json` lies there exactly while servers are offered. Refuses to know how servers are run.
"""

import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.embedded.processes import holders, lives, working_folder
from gateway.errors import ConfigurationError

POSTGRES_FOLDER = "postgres"
VALKEY_FOLDER = "valkey"
SOCKETS_PREFIX = "gateway-"

POLL_S = 0.02
HELD_GRACE_S = 0.1  # `held` of another process has the lock for an instant, which is not to be told from a keeper
HANDOVER_MAX_S = 40.0  # the longest a keeper may take to start or to stop; until then a second start waits
LEFTOVER_MAX_S = 3.0  # servers whose keeper was killed have been told to end; then they are made to


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the two servers answer. Sockets of the file system: nothing listens on the network."""

    postgres_url: str
    redis_url: str
    data_dir: Path


@dataclass(frozen=True, slots=True)
class Record:
    """`keeper.json`: what is offered, by whom, for whom. Its numbers are for people, and for tests that kill."""

    keeper_pid: int
    owner_pid: int
    since: str
    postgres_url: str
    redis_url: str
    pids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Locks:
    """Two open, locked files, to be inherited."""

    keeper: int
    servers: int


def write(data_dir: Path, record: Record) -> None:
    """Offers the servers: readers see the old record or the new one, never half."""
    fresh = data_dir / "keeper.json.new"
    fresh.write_text(json.dumps(asdict(record), indent=2) + "\n")
    fresh.replace(data_dir / "keeper.json")


def withdraw(data_dir: Path) -> None:
    """The first thing a keeper does when it stops, so that a second start waits for it instead of being refused."""
    (data_dir / "keeper.json").unlink(missing_ok=True)


def remember_sockets(data_dir: Path, sockets: Path) -> None:
    """Notes the temporary folder before it is made, so that the next start finds it whenever we are killed.

    A link, because it appears whole or not at all: of a file that was just opened nothing may be left but its name.
    """
    (data_dir / "sockets").unlink(missing_ok=True)
    (data_dir / "sockets").symlink_to(sockets)


def remove_sockets(data_dir: Path) -> None:
    """Removes the noted folder: only what a keeper makes, real, prefixed, of which nobody else may read a thing."""
    link = data_dir / "sockets"
    with suppress(OSError):
        sockets = link.readlink()
        ours = sockets.name.startswith(SOCKETS_PREFIX) and sockets.lstat().st_mode == 0o040700
        if ours and os.access(sockets, os.W_OK):
            shutil.rmtree(sockets, ignore_errors=True)
    link.unlink(missing_ok=True)


def read(data_dir: Path) -> Record | None:
    """What is offered; None when nothing is, or when the file is not ours to understand."""
    try:
        return Record(**json.loads((data_dir / "keeper.json").read_text()))
    except PermissionError as error:
        raise ConfigurationError(
            f"uid {os.geteuid()} may not look into {data_dir}: ask as the user whose gateway runs there"
        ) from error
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def held(data_dir: Path) -> bool:
    """Does a keeper hold the folder? Asks by a shared lock for an instant; `claimed` outlasts that instant."""
    try:
        file = os.open(data_dir / "keeper.lock", os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return not _locked(file, fcntl.LOCK_SH)
    finally:
        os.close(file)


@contextmanager
def claimed(data_dir: Path) -> Iterator[Locks]:
    """Makes the folder ours, empty of live servers and stale files, or says whose it is.

    The body hands the locks to a keeper; leaving it closes only our copies. An existing folder keeps its mode.
    """
    with ExitStack() as stack:
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            keeper = _opened(stack, data_dir / "keeper.lock")
            _wait_for_keeper(data_dir, keeper)
            servers = _opened(stack, data_dir / "servers.lock")
        except OSError as error:
            raise ConfigurationError(
                f"the data folder cannot be used ({error.strerror}: {error.filename}): "
                f"set GATEWAY_DATA_DIR to a folder that uid {os.geteuid()} may write"
            ) from error
        _wait_for_leftovers(data_dir, servers)
        _clear(data_dir)
        yield Locks(keeper, servers)


def _opened(stack: ExitStack, path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    stack.callback(os.close, file)
    return file


def _locked(file: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for_keeper(data_dir: Path, file: int) -> None:
    """Takes the keeper's lock. Refuses one that serves; waits for one that starts, or stops, or is about to."""
    if not _lock_within(file, lambda waited_s: waited_s < (HELD_GRACE_S if _serves(data_dir) else HANDOVER_MAX_S)):
        raise ConfigurationError(_whose(data_dir, read(data_dir)))


def _serves(data_dir: Path) -> bool:
    """A keeper whose gateway has died will notice and stop. A number that came round again errs towards refusing."""
    record = read(data_dir)
    return record is not None and lives(record.owner_pid)


def _lock_within(file: int, patient: Callable[[float], bool]) -> bool:
    started = time.monotonic()
    while not _locked(file):
        if not patient(time.monotonic() - started):
            return False
        time.sleep(POLL_S)  # flock has no timeout, and nothing else tells that it became free
    return True


def _whose(data_dir: Path, record: Record | None) -> str:
    if record is None:
        return f"{data_dir} is being started or stopped by another process for {HANDOVER_MAX_S:.0f} s: see keeper.log"
    return (
        f"{data_dir} is in use by process {record.owner_pid} since {record.since} (keeper {record.keeper_pid}): "
        f"stop it with `kill {record.owner_pid}`, or set GATEWAY_DATA_DIR to another folder, or set "
        f"GATEWAY_DATABASE_URL='{record.postgres_url}' GATEWAY_REDIS_URL='{record.redis_url}' to share its servers"
    )


def _wait_for_leftovers(data_dir: Path, file: int) -> None:
    """Servers whose keeper was killed are ending by themselves; one that is stopped or stuck is made to."""
    if _lock_within(file, lambda waited_s: waited_s < LEFTOVER_MAX_S):
        return
    for pid in holders(data_dir / "servers.lock"):
        os.kill(pid, signal.SIGKILL)
    if not _lock_within(file, lambda waited_s: waited_s < LEFTOVER_MAX_S):
        raise ConfigurationError(
            f"servers of an earlier keeper do not end, not even when killed: see what holds "
            f"processes {sorted(holders(data_dir / 'servers.lock'))}, then start again"
        )


def _clear(data_dir: Path) -> None:
    """Removes what dead processes left. No server of ours lives now, so only a hand-started one can object."""
    withdraw(data_dir)
    remove_sockets(data_dir)
    _judge_pid_file(data_dir / POSTGRES_FOLDER)


def _judge_pid_file(postgres: Path) -> None:
    """PostgreSQL believes the number in `postmaster.pid`, be it a zombie's or a stranger's: the owner is known here.

    A number that is nobody's is left to PostgreSQL, which then also looks for shared memory in use.
    """
    file = postgres / "postmaster.pid"
    try:
        pid = int(file.read_text().partition("\n")[0])
        os.kill(pid, 0)
    except (OSError, ValueError, OverflowError):
        return
    if working_folder(pid) == postgres:
        raise ConfigurationError(
            f"a PostgreSQL that was started by hand (process {pid}) runs on {postgres}: "
            f"stop it with `pg_ctl stop -D '{postgres}'`, then start again"
        )
    file.unlink()
