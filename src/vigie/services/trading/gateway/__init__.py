"""What the kernel cannot see, judged before an entry is sent.

gateway          what the kernel cannot see, judged before an entry is sent
entry_rules      the gateway's rules, each a pure function with its limit
caps             what the settings let accounts order
day_counts       orders of the day, over all runs of an account
market_snapshot  the present market and how far the clock is off, for the gateway
minute_volumes   what an ordinary minute trades of an instrument, for the gateway
overrides        slots switched off and limits tighter than the plan's, judged by the gateway
"""
