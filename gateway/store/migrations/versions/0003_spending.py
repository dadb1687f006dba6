"""Spending: holds, what a spend took of which lot, orders for rewards, switches, the audit log, and the proof."""

from gateway.store.migrations.sql import run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
