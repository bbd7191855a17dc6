"""Setups: what becomes of the signals of stored bars, and of the accounts that trade.

folding      one slot from one close to the next: signals in, changes out
sealed_folding  a slot whose strategy's file is another one since: what only the file could say is taken as sealed
replaying    the setups of stored bars, as for a backtest
decided_log  what a run decided on, read off its log
told_funding  funding of instruments as the log of a run told it
setup_rows   the rows of the tables about setups
setup_results  one setup in full
contributing  what counts for and against a setup, from facts as they were known
weighing    setups whose contributions reach a total
tallying    how many setups are in each state
weights     how much each family of contributions weighs for a person
chart_patterns  the chart patterns that held at the close of a change
outcomes     what followed setups of one strategy and side
of_trades    which setup a trade came of
following    the setups of accounts, on the bars they decided on, written as they come
compiling    what setups are read with, compiled in a process that ends
left_open    what the trade of a setup made whose account stopped trading its slot
setup_bars   the bars around a setup and its levels over them
ended        the setups that ended, as the record counts them
notice_marks what stands beside a setup in a list: expected R, what became of its alert
noticing     whether a change is told, by the budget of its owner
record_rows  rows of the record, and of what the budget held back
verifying    whether chain, seals, outcomes and rates are what the record says
published    the record for others, checked without Vigie
checking     whether those that are kept are what the logs give
"""
