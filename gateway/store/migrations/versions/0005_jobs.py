"""What works by itself: jobs with their leases, and the name of our orders."""

from gateway.store.migrations.sql import run_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
