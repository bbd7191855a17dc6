"""Traders live and die in one process, and the machine goes on: nobody waits for the disk."""

from tests.unhurried import sqlite_database as sqlite_database
