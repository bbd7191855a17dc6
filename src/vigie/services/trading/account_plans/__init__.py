"""What an account trades, in which mode, on which bars, and when it is to.

account_plan      what an account trades, pinned when its run begins
plan_facts        facts by which accounts know plans, taken back
plan_changes      which parts of a plan are others than before, in words
planning          from a run file to a plan
detail_timeframe  on which finer bars paper meets stops and targets
modes             paper, demo, live: what each needs, and what is refused
trading_stores    what an account is traded with, as one record
downtime          when nobody traded an account, so that what was caught up with counts as no day of paper
paper_requests    paper accounts that a page asked to be traded, as parts of the tree
"""
