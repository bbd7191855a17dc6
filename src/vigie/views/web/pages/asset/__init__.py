"""One asset, and several beside one another."""
