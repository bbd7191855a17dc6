"""Binance.

history  public bars and rules
"""
