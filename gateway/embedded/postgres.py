"""PostgreSQL as a part: how a cluster is made, started, recognised as ready, and stopped.

Decides its settings, all of them on the command line, so that an old cluster runs with today's; refuses to
know who supervises it. Sources: PostgreSQL documentation, "Server Configuration", `initdb`, `postgres`.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from gateway.embedded import find
from gateway.embedded.server import Part, tail
from gateway.errors import ConfigurationError

Run = Callable[[Sequence[str]], subprocess.Popen[bytes]]

NAME = "postgres"
ROLE = "gateway"
DATABASE = "gateway"
PORT = 5432  # no TCP: only a part of the socket's name
SOCKET = f".s.PGSQL.{PORT}"
INIT_MAX_S = 120.0  # 1 s on a laptop; a slow disk gets its time, a hanging one does not get for ever

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",  # 1 GB by default: too much for a folder called var/
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors go to the client, who masks them. Here they would repeat statements and keys: numbers and gift codes.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


def url(sockets: Path) -> str:
    """What asyncpg, SQLAlchemy and libpq understand. The port is named: else they would take it from PGPORT."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets))}&port={PORT}"


def part(program: Path, folder: Path, sockets: Path) -> Part:
    """The server over an initialised `folder`."""
    options = [f"--{name}={value}" for name, value in SETTINGS.items()]
    return Part(
        name=NAME,
        command=(str(program), "-D", str(folder), f'--unix_socket_directories="{sockets}"', *options),
        folder=folder,
        stop_signal=signal.SIGINT,  # "fast": clients are sent away; SIGTERM would wait for them
        ready=lambda pid: _ready(folder, pid),
        sockets=(sockets / SOCKET, sockets / f"{SOCKET}.lock"),
    )


def initialise(program: Path, folder: Path, run: Run, log: Path) -> None:
    """Makes the cluster with its database, unless it exists. Whole or not at all: made aside, then renamed."""
    if folder.exists():
        _check_version(program, folder)
        return
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = [f"--username={ROLE}", "--auth=trust", "--no-instructions"]
    _finish(run([str(program.resolve().with_name("initdb")), "-D", str(fresh), *locale, *access]), b"", log)
    alone = [str(program), "--single", "-D", str(fresh), "postgres"]
    _finish(run(alone), f"CREATE DATABASE {DATABASE};\n".encode(), log)
    fresh.rename(folder)
    _flush(folder.parent)


def _finish(process: subprocess.Popen[bytes], question: bytes, log: Path) -> None:
    try:
        process.communicate(question, timeout=INIT_MAX_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.returncode != 0:
        raise ConfigurationError(f"PostgreSQL could not make its data folder; the end of {log}:\n{tail(log)}")


def _check_version(program: Path, folder: Path) -> None:
    made_by = (folder / "PG_VERSION").read_text().strip()
    if made_by != str(find.major(program)):
        raise ConfigurationError(
            f"{folder} was made by PostgreSQL {made_by}, and {program} is {find.major(program)}: set "
            f"GATEWAY_POSTGRES_BIN to version {made_by}, or GATEWAY_DATA_DIR to a new folder"
        )


def _ready(folder: Path, pid: int) -> bool:
    """The eighth line of `postmaster.pid`, as `pg_ctl` reads it; the first tells whether it is this server's."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _flush(folder: Path) -> None:
    """Makes a rename in the folder durable."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
