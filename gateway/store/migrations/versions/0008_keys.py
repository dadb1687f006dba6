"""Keys that rotate: which versions rows are under, which is in force, and the sealed key of requests."""

from gateway.store.migrations.sql import run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
