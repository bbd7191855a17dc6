"""How fast Vigie is, and what that is compared with.

run          every workload against its goals: `make bench`; refuses to print before `equality` holds
equality     kernel, plain-Python twin and yardstick trade alike, situation by situation
market       the seeded random walks that every contender reads
yardstick    what is possible: one hand-written compiled pass
ours         the workloads through Vigie's own doors
references   the same work in vectorbt and backtesting.py, in an environment of their own
marked       parts of pages of the documentation that are rewritten, each between its marks
setups         what setups cost: a close, the fold, a replay, their pages
worker       one contender in a process of its own, asked for one round at a time
restart      from the kill of a trading process to ready
first_visit  the first page of an account: its whole log folded, and from the kept fold on
commands     what a person starts: `vigie backtest`, `vigie data import`, process start included
features     what columns for models cost, against their bounds
data_status  what it costs to list a thousand series, against its budget; into docs/data.md

luck, stylised_facts, causality_corpus and comparison measure other things than speed.
"""
