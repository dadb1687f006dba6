"""The SQL itself, as the server's catalogue knows it: no clock, no stray function, no column without a name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.embedded import Servers
from gateway.store import functions, statements
from gateway.store.tracks import Target, connect
from tests.conftest import TEMPLATE, copied
from tests.integration.store import dump_schema
from tests.integration.store.traffic import Connection

pytestmark = pytest.mark.anyio

CLOCKS = re.compile(
    r"\b(?:now\s*\(|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|current_date|current_time"
    r"|current_timestamp|localtime|localtimestamp)|'(?:now|today|tomorrow|yesterday)'",
    re.IGNORECASE,
)
MACHINE_TIME = "_lease_until"
"""Columns of this ending hold machine time; all other times are arguments."""

BODIES = """
select p.proname as name, p.prosrc as body, p.pronargs as arguments
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = any ($1) order by p.proname"""
DEFAULTS = """
select c.relname || '.' || a.attname as name, pg_get_expr(d.adbin, d.adrelid) as body
  from pg_attrdef d
  join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  join pg_class c on c.oid = d.adrelid
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'public'"""

CALL = re.compile(r"\b([a-z_]+)\(((?:\$\d+(?:, )?)*)\)")
STATEMENTS = {name: text for name, text in vars(statements).items() if name.isupper()}
ASKS_THE_MACHINE = {"DEPLOYMENT_SEEN"}
"""Statements that compare the node's clock with the database's: what they read is machine time."""


@pytest.fixture(scope="module")
def database_url(template: Servers) -> Iterator[str]:
    """One for all: they read its catalogue."""
    with copied(template, TEMPLATE) as (_, url):
        yield url


async def bodies(connection: Connection, *schemas: str) -> dict[str, tuple[str, int]]:
    """Each function's body and its number of arguments."""
    rows = await connection.fetch(BODIES, list(schemas))
    assert rows
    return {row["name"]: (row["body"], row["arguments"]) for row in rows}


def without_comments(body: str) -> str:
    return re.sub(r"--.*", "", body)


def calls(text: str) -> Iterator[tuple[str, int]]:
    """The functions that a statement calls with its parameters, and with how many."""
    for name, arguments in CALL.findall(text):
        yield name, len(arguments.split(", ")) if arguments else 0


async def test_no_function_reads_a_clock(connection: Connection) -> None:
    found = {
        name: CLOCKS.findall(without_comments(body))
        for name, (body, _) in (await bodies(connection, functions.schema_name(), "public")).items()
    }
    assert {name for name, clocks in found.items() if clocks} == set(), "programme time is an argument: pass `at`"


async def test_no_columns_default_reads_a_clock(connection: Connection) -> None:
    rows = await connection.fetch(DEFAULTS)
    assert rows
    found = {row["name"] for row in rows if CLOCKS.search(row["body"]) and not row["name"].endswith(MACHINE_TIME)}
    assert found == set(), f"programme time is an argument; only columns named *{MACHINE_TIME} hold machine time"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("select now()", True, id="now"),
        pytest.param("select NOW ()", True, id="in capitals, with a space"),
        pytest.param("select current_date", True, id="current_date"),
        pytest.param("select clock_timestamp()", True, id="clock_timestamp"),
        pytest.param("select 'now'::timestamptz", True, id="a word that is a clock"),
        pytest.param("select p_at, known_at, now_at", False, id="other names"),
    ],
)
def test_clocks_are_seen(body: str, found: bool) -> None:
    assert bool(CLOCKS.search(body)) is found


@pytest.mark.parametrize("name", STATEMENTS)
async def test_a_statement_is_prepared_and_names_its_columns(connection: Connection, name: str) -> None:
    prepared = await connection.prepare(STATEMENTS[name])
    columns = [attribute.name for attribute in prepared.get_attributes()]
    assert columns
    assert "?column?" not in columns
    assert len(set(columns)) == len(columns)
    assert not re.search(r"select\s+\*|\.\*", STATEMENTS[name]), "name the columns: another release may add one"
    assert name in ASKS_THE_MACHINE or not CLOCKS.search(STATEMENTS[name])


async def test_python_and_sql_know_the_same_functions(connection: Connection) -> None:
    known = await bodies(connection, functions.schema_name())
    called = {call for text in STATEMENTS.values() for call in calls(text) if call[0] in known}
    assert called == {(name, known[name][1]) for name, _ in called}, "as many arguments as the function takes"
    idle = {
        name
        for name in known
        if name not in {called_name for called_name, _ in called}
        and not any(re.search(rf"\b{name}\(", body) for other, (body, _) in known.items() if other != name)
    }
    assert idle == set(), "nobody calls these functions: use them or remove them"


@pytest.mark.parametrize("path", sorted(functions.FOLDER.glob("*.sql")), ids=lambda path: path.name)
def test_sources_name_their_columns(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    assert not re.search(r"select\s+\*|\.\*", text), "name the columns: another release may add one"


async def test_the_committed_schema_is_the_migrated_one(database_url: str) -> None:
    assert dump_schema.normalised(database_url) == dump_schema.COMMITTED.read_text(encoding="utf-8"), (
        "the schema changed: run `python -m tests.integration.store.dump_schema` and look at the difference"
    )


@pytest.fixture
def fresh(template: Servers) -> Iterator[str]:
    with copied(template, TEMPLATE) as (_, url):
        yield url


async def test_every_body_is_read_by_the_server(fresh: str) -> None:
    """Installing does not read them. Tables and columns are looked up in SQL bodies only: PL/pgSQL ones must run."""
    connection = await connect(Target(fresh))
    try:
        await connection.execute(
            functions.install_script()
            .replace(functions.schema_name(), "fn_checked")
            .replace("check_function_bodies = off", "check_function_bodies = on")
        )
    finally:
        await connection.close()
