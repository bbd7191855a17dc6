"""The market as a table."""
