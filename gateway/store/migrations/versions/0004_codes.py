"""Gift codes: batches, codes by their digests, wrong tries, and who may not try any more."""

from gateway.store.migrations.sql import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
