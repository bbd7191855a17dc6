"""The journal of a trading account, and trades made elsewhere."""
