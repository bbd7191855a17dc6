"""The journal of a trading account."""
