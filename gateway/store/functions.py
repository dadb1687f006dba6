"""The primitives of `sql/`, installed whole into a schema named by their digest.

Two releases run side by side on one database, each with its own functions; the search path chooses.
"""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"


@cache
def sources() -> tuple[str, ...]:
    """The text of every file of primitives, by name. The order does not matter: bodies are resolved when called."""
    return tuple(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sql")))


@cache
def schema_name() -> str:
    """`fn_` and twelve hexadecimal digits of the digest of all sources."""
    return "fn_" + hashlib.sha256("\0".join(sources()).encode()).hexdigest()[:12]


def search_path() -> str:
    """What a connection's `search_path` is set to: these functions, then the tables."""
    return f"{schema_name()}, public"


def install_script() -> str:
    """One script that creates the schema and everything in it; run it once, in a transaction."""
    head = (
        f"create schema {schema_name()};",
        f"set local search_path = {search_path()};",
        "set local check_function_bodies = off;",
    )
    return "\n".join([*head, *sources()])
