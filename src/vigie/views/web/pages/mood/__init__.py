"""Mood of the market and of its news."""
