"""The whole API, asked with whatever its own description allows and forbids."""
