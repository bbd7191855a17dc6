"""Runs: from what was asked to what is kept and explained.

backtest_request  what a backtest is asked for
series_loader  each series of a run with what goes with it
features    which features strategies read: names that exist, and values
judged_markets  models on markets that they were not judged on
backtest    plan a backtest and run it
simulated   runs on the simulated market, made from a seed
identity    what makes two runs of the same data, and two trials the same trial
price_grid  tick and lot of a file of bars that comes without them
request_builder  from a run file and options to a request
shortfalls  what a run could not do: broken strategies of one's own, too few bars
folders     whether a folder may be written by a run, and is of one run
assumptions  what a run assumed, in words, and the settlements that it was charged
results     finished runs: keep them, find them, compare them
trial_counting  how often bars were looked at from Python
run_result  what a backtest from Python gives, computed when it is asked for
run_pages   what the page of a run shows beside its files
explain     why there was a trade or none; what differs between two runs
run_gap     why two runs came to other money, as plain values
run_orders  what is ordered of a backtest or a sweep from a page or a program
trash       removed results, and taking that back
stored_funding  settlements that were gathered, for runs of pages
slot_switches  slots that somebody has switched on
run_tables  the tables of a result: rows, figures, and those of plug-ins
run_rows    kept results as rows of a list, and what tells them apart
"""
