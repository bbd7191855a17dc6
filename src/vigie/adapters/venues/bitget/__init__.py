"""Bitget.

history  public bars and rules
live     quotes, finished bars and funding as they happen
trading  one account: orders, fills, positions, money
levels   stop and target of a whole position
listing  how contracts are traded, and what an account pays
wire     signed questions and orders, sent once
stream   the private stream
pacing   how often each endpoint may be asked
rows     its rows as our records
codes    what its codes say happened
"""
