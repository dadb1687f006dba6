"""Alembic's entry: it is handed a connection by `store.migrate` and runs hand-written SQL over it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="schema_version")
with context.begin_transaction():
    context.run_migrations()
