"""Steps from one schema to the next, run by Alembic; each can be undone.

env        runs them inside one transaction
versions   the steps
"""
