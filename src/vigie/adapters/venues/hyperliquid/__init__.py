"""Hyperliquid: its public history."""
