"""Binance: its public history."""
