"""Watchlists: all, one, and one that was shared.

page   what it shows and what its forms do
"""
