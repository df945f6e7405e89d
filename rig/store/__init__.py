"""SQLite through sqlite-utils: journal, migrations, queries."""
