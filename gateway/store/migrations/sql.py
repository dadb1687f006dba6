"""Runs SQL scripts of several statements inside SQLAlchemy's transaction."""

from pathlib import Path

from alembic import op
from sqlalchemy import Connection


def run_file(migration: str) -> None:
    """Run the `.sql` file beside a migration's `.py`."""
    run_script(op.get_bind(), Path(migration).with_suffix(".sql").read_text(encoding="utf-8"))


def run_script(connection: Connection, script: str) -> None:
    """Run several statements. SQLAlchemy prepares each statement, so a script goes to the driver itself."""
    connection.exec_driver_sql("select 1")  # the adapter opens its transaction with the first statement, not before
    adapted = connection.connection
    adapted.run_async(lambda driver: driver.execute(script))
