"""The schema after `gateway migrate`, as one normalised text: what `gateway/store/schema.sql` holds.

`python -m tests.integration.store.dump_schema` writes it anew. Left out is what differs from one database to the
next without being a difference (versions, each month's partitions), and the functions, whose text is in `store/sql`.
"""

import re
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from gateway import embedded
from gateway.embedded import find
from gateway.store.migrate import migrate_blocking

COMMITTED = Path(__file__).parents[3] / "gateway" / "store" / "schema.sql"
HEAD = "-- The schema after `gateway migrate`. Written by `python -m tests.integration.store.dump_schema`.\n"
DUMP_MAX_S = 60.0

MONTHS = re.compile(r"\b(transfer|entry)_\d{4}_\d{2}")
NOISE = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*)$", re.MULTILINE)


def normalised(database_url: str) -> str:
    """The database's schema. Raises when there is no `pg_dump` beside the server's programs."""
    program = find.postgres(None).with_name("pg_dump")
    command = [str(program), "--schema-only", "--no-owner", "--no-privileges", "--exclude-schema=fn_*", database_url]
    dumped = subprocess.run(command, capture_output=True, text=True, timeout=DUMP_MAX_S, check=True).stdout
    statements = re.split(r"\n{3,}", NOISE.sub("", dumped))
    kept = [statement.strip() for statement in statements if not MONTHS.search(statement)]
    return HEAD + "".join(f"\n{statement}\n" for statement in kept if statement)


def main() -> None:
    """Write the committed file from a database of this moment."""
    with tempfile.TemporaryDirectory() as folder, embedded.start(Path(folder) / "data") as running:
        migrate_blocking(running.servers.postgres_url, demo=True, at=datetime.now(UTC))
        COMMITTED.write_text(normalised(running.servers.postgres_url), encoding="utf-8")


if __name__ == "__main__":
    main()
