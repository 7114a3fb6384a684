"""The database: engine, sessions, SQLite's peculiarities."""
