"""The schema's history: Alembic revisions, written by hand, that bring a database to today's shape."""
