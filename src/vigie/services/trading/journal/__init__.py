"""Closed trades in full, what a person wrote beside them, and an account beside its own backtest.

journal_rows     the rows of the journal's tables
journal_parts    the parts of one closed trade
trade_details    one closed trade in full
counterfactuals  what other conduct would have made of it
narrowing        which trades a question keeps, in which order
notes            what a person writes beside it; where its idea came from
model_gap        a trade's result less what the fill model gives it
comparing        an account beside its own backtest
compared_bars    bars as decisions used them, and finer ones as positions met them
"""
