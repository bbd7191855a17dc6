"""Closed trades in full, what a person wrote beside them, and an account beside its own backtest.

journal_rows     the rows of the journal's tables
trade_details    one closed trade in full
counterfactuals  what other conduct would have made of it
notes            what a person writes beside it
ideas            where the idea of a trade came from, as far as its strategy says
model_gap        a trade's result less what the fill model gives it
comparing        an account beside its own backtest
decision_bars    bars as decisions used them
detail_bars      the finer bars of an account as its positions met them
"""
