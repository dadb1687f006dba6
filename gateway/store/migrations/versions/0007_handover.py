"""Hand-over codes: of the orders that wait at a pick-up point each has its own; one that is over frees its code."""

from gateway.store.migrations.sql import run_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
