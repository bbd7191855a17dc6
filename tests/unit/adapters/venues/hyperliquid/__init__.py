"""Accounts at Hyperliquid."""
