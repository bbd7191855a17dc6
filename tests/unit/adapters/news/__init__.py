"""Feeds of news: reading them, asking them."""
