"""Events in, queries out: the history of runs in SQLite or PostgreSQL."""
