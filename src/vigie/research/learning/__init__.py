"""Models that learn, where they cannot flatter: fitted on the past, judged on what came next, traded with costs.

feature_inputs  bars, other instruments and facts joined by the time at which each was known
exploration     columns over the first part of the time: distribution, gaps, tests, what they say of a label
asset_rows      columns and labels of one or several assets as rows to learn from
learning_rows   rows in the order of time, each with its outcome and when that is known
folds           where a model is fitted, calibrated and judged: purged, embargoed, the newest part kept back
combinations    on request: every two parts of time judged by what was fitted on all others
fold_choices    columns and options that each fold chooses for itself
walking         one model over all folds: log-odds of rows that it was not fitted on, beside what is usual
skill           how much better than the usual rate it says, by fold and with intervals
value_skill     how much closer to what came a model of amounts is than its yardsticks
coverage        how often what came lay inside the intervals that were told
importance      which columns a model would miss, out of fold
leaks           ways in which the future is known, each by its name
odds_trading    what trading these log-odds comes to, by the fill model, and its verdict
against_holding whether the account did better than buy-and-hold of the same days
pooled_assets   several assets of which one model learns: what is refused, how it did on each
"""
