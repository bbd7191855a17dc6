"""What the kernel cannot see, judged before an entry is sent.

gateway          what the kernel cannot see, judged before an entry is sent
entry_rules      the gateway's rules, each a pure function with its limit
caps             orders of the day, over all runs of an account
market_snapshot  the present market, what a minute trades, and how far the clock is off
overrides        slots switched off and limits tighter than the plan's, judged by the gateway
entry_previews   the same rules asked before there is an order, of what is known now
told_market      what only an account's process knows of its venue, told with its signs of life
"""
