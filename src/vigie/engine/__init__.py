"""The one loop and its hosts: what a backtest decides is what paper and live decide.

kernel         decide, open, inside, mark: the stations of a bar, compiled, over plain records
inputs         what the kernel reads of one slot, and what it could not walk
books          what the loop of a shared account reads and changes
journal        the growing logs of trades and decisions, and the decision hash
isolated       one slot on its own capital, the fast loop
batch          many variants of one slot in one compiled call, for sweeps
portfolio      the loop of many slots on one account, instant by instant, with every protection
barrier_walk   the trade of each decision alone, with stop, target and time: what labels are made of
lone_trade     what the fill model does inside the bars after one decision
level_results  what one trade gains and loses at its levels
backtest       from bars and signals to trades, refusals and equity
signals        from a strategy's criteria to the flags the kernel reads
conditions     conditions of many combinations, compared and made into flags in one compiled call
causality      proof on every run that criteria did not look ahead
probes         where that proof cuts histories, or continues them otherwise
judgement      what a strategy says: sealed bars in, criteria that stay as they are out, and the proof
strategy_process  a strategy of one's own, asked in a process of its own
booked_trades  what a run came to, in words that all hosts share
differences    why two runs came to different money
records        what is planned, what came of each slot, what came of all of them
figures        what a run came to, for each slot and for all of them together
run            one execution: planned slots in, results that can be explained out
"""

from vigie.compiled import prepare

prepare()
