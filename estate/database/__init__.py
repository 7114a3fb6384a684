"""The database: engine, sessions, SQLite's habits."""
