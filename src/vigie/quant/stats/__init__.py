"""Can a result be believed? Selection, overfitting and chance, from arrays of returns.

verdict       one line with its numbers and reasons: `verdict`
sharpe        probabilistic and deflated Sharpe ratio, minimum track record, best of many worthless trials
pbo           probability of backtest overfitting by CSCV
bootstrap     stationary-bootstrap intervals of the Sharpe ratio and the maximum drawdown
clusters      intervals of means by bootstrap over groups: calendar weeks
multiplicity  which of many findings may be called so: Benjamini and Hochberg
circular_shift  would starts at other times have shown as much
medians       intervals of medians of few values, and medians of random starts
permutation   shuffled bars and the permutation p-value
splits        walk-forward, purged K-fold, combinatorial purged cross-validation
survival      Kaplan-Meier: the median of times that are not over for all, with its interval
first_passage which of two distances prices reach first, from many bars, within a horizon
proportion    the interval of a share that was counted
stationarity  does a series return to a level: augmented Dickey-Fuller and KPSS
dependence    autocorrelation, and what one series says of another
stability     is a distribution later what it was before
normal        the normal law without SciPy
"""
