"""Setups: what forms, what is confirmed, how it ended, and each one in full."""
