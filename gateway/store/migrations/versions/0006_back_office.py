"""The back office: API keys, answered requests, what staff gave away in a day, what waits for a second pair of eyes."""

from gateway.store.migrations.sql import run_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
