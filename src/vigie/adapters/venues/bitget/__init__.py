"""Bitget: its public history."""
