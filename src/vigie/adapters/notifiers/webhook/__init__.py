"""Signed requests to an address that somebody gave."""
