"""The wire of the simulated Hyperliquid."""
