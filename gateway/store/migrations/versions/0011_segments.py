"""Segments and a tier of each member, as the operator's systems hand them in."""

from gateway.store.migrations.sql import run_file

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_file(__file__)
