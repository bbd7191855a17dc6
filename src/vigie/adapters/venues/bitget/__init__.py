"""Bitget.

history  public bars and rules
"""
