"""Bitget.

history  public bars and rules
live     quotes, finished bars and funding as they happen
"""
