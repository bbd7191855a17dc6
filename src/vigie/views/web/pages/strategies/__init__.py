"""Strategies on pages: the list, one explained, slots switched on and off."""
