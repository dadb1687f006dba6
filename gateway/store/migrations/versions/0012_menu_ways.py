"""What subscribers do in menus, closer: inputs that were refused, and which ways were taken."""

from gateway.store.migrations.sql import run_file

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
