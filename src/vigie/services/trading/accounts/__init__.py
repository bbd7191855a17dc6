"""How accounts stand, for pages, streams and metrics.

account_status   how an account stands, whether or not anybody trades it
account_metrics  the same for those who watch from outside
account_rows     the rows of an account's tables
figures          positions at present prices, days, strategies, slots, limits
live_rows        what the stream tells of accounts
alive            whether a process trades an account now
level_distances  how far prices are from stop and liquidation, and when a passed stop settles
"""
