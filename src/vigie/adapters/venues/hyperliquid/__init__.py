"""Hyperliquid.

history  public bars and rules
live     quotes, finished bars and funding as they happen
trading  one account: orders, fills, positions, money
public_fills  the fills of any address, read only
lookups  what is known of contracts and orders
levels   stop and target of a whole position
listing  which contracts are listed, and what an account pays
wire     questions and signed actions, sent once
stream   the stream of an account
rows     its rows as our records
error_texts  what its errors say happened
"""
