"""The scenes of a demonstration, as our own code finds them.

past    what was replayed of trades, backtests, news and indices
run     those that every demonstration begins with
setups  a setup from its mail to its trade, and what becomes of others
"""
