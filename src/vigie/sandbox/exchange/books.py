"""What all accounts own and owe, and the few ways in which that changes."""

from __future__ import annotations


class Books:
    """The books; only the exchange and its market write them."""
