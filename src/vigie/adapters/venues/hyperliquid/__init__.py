"""Hyperliquid.

history  public bars and rules
"""
