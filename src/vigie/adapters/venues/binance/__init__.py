"""Binance.

history  public bars and rules
live     quotes, finished bars and funding as they happen
trading  accounts; account_history is what happened there, levels are stops and targets
listing  how contracts are traded, and what an account pays
wire     signed requests; codes say what refusals mean, rows read answers
stream   the user data stream
"""
