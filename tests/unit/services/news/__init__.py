"""News between the stores and the steps of reading."""
