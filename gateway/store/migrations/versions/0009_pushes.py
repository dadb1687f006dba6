"""Screens that we show unasked, by USSD: a queue, and what became of each."""

from gateway.store.migrations.sql import run_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
