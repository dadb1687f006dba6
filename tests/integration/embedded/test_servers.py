"""What the service gets: two servers, set up as it needs them."""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from gateway import embedded


@pytest.fixture(scope="module")
def servers(module_dir: Path) -> Iterator[embedded.Servers]:
    with embedded.start(module_dir) as held:
        yield held.servers


def ask(servers: embedded.Servers, question: str) -> object:
    async def fetch() -> object:
        connection = await asyncpg.connect(servers.postgres_url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(fetch())


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("select lower('БАЛАНС Ё')", "баланс ё", id="cyrillic-has-cases"),
        pytest.param("select current_database()", "gateway", id="database-of-the-url-exists"),
        pytest.param("select current_user", "gateway", id="role"),
        pytest.param("select rolsuper from pg_roles where rolname = current_user", True, id="superuser"),
        pytest.param("show timezone", "UTC", id="time-zone"),
        pytest.param("show fsync", "on", id="commits-survive-the-machine"),
        pytest.param("show synchronous_commit", "on", id="commits-are-waited-for"),
        pytest.param("show max_wal_size", "256MB", id="folder-stays-small"),
        pytest.param("show listen_addresses", "", id="nothing-on-the-network"),
        pytest.param("show log_min_messages", "log", id="statements-stay-out-of-the-log"),
        pytest.param("show server_encoding", "UTF8", id="encoding"),
    ],
)
def test_postgres_is_set_up(servers: embedded.Servers, question: str, answer: object) -> None:
    assert ask(servers, question) == answer


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        pytest.param("port", "0", id="nothing-on-the-network"),
        pytest.param("appendonly", "yes", id="a-killed-server-keeps-sessions"),
        pytest.param("maxmemory-policy", "noeviction", id="no-session-vanishes"),
        pytest.param("save", "", id="no-snapshots"),
    ],
)
def test_valkey_is_set_up(servers: embedded.Servers, setting: str, value: str) -> None:
    with redis.Redis.from_url(servers.redis_url, decode_responses=True) as valkey:
        assert valkey.config_get(setting) == {setting: value}


def test_redis_asyncio_accepts_the_url(servers: embedded.Servers) -> None:
    async def ping() -> bool:
        async with redis.asyncio.Redis.from_url(servers.redis_url) as valkey:
            return bool(await valkey.ping())

    assert asyncio.run(ping())


def test_strangers_may_not_look_in(servers: embedded.Servers) -> None:
    sockets = Path(servers.redis_url.removeprefix("unix://").partition("?")[0]).parent
    for folder in (servers.data_dir, servers.data_dir / "postgres", servers.data_dir / "valkey", sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    for file in servers.data_dir.glob("*.*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_refused_statement_leaves_no_number_in_the_log(servers: embedded.Servers) -> None:
    with pytest.raises(asyncpg.PostgresError):
        ask(servers, "select '+79210000001'::int")
    assert "79210000001" not in (servers.data_dir / "postgres.log").read_text()


def test_closed_servers_are_gone_and_remember(data_dir: Path) -> None:
    with embedded.start(data_dir) as held:
        sockets = Path(held.servers.redis_url.removeprefix("unix://").partition("?")[0]).parent
        assert held.alive()
        assert ask(held.servers, "select word from notes") == "before"
    held.close()
    assert not held.alive()
    assert not sockets.exists()
    assert embedded.running(data_dir) is None
