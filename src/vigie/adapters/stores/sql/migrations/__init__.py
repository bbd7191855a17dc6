"""Steps from one schema to the next, run by Alembic; each can be undone."""
