"""A story."""
