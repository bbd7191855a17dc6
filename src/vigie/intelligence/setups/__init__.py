"""Setups: what becomes of a signal, close by close.

life   one side of a slot between two closes, and what the next close makes of it
contributions  what counts for and against one, and the mean of it
regime  trend and volatility of a market at a close
expectation  what a setup may be expected to make, by those like it that ended
budget  which changes are told where only so many a day may be
record  results by strategy, market, regime and horizon, with intervals
"""
