"""Migrations: one `.sql` file each, and a `.py` of the same name that alembic finds. They only go forward."""
