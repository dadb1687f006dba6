"""The loyalty store: PostgreSQL. Tables by `migrations/`, primitives in `sql/`, the typed port in `ledger`."""
