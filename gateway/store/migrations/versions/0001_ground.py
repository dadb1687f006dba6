"""Members, accounts, lots, and the journal."""

from gateway.store.migrations.sql import run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
