"""Menus while they serve: which process serves which version, and what subscribers do on each screen."""

from gateway.store.migrations.sql import run_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
