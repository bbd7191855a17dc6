"""Results in figures: arrays of equity and trades in, one record out.

summary      every figure of one account: `summarise`
score        the six a sweep ranks by: `score`, and `score_figures` for compiled loops
sampling     when the account is looked at, and its returns
returns      growth, volatility, Sharpe, Sortino, Omega, skew, kurtosis
risk         drawdown with dates, ulcer index, value at risk, expected shortfall, tail ratio
trades       win rate, profit factor, expectancy, payoff, SQN, Kelly, streaks, excursions
benchmark    buy and hold, alpha and beta
monthly      the table of months and years
outside      figures that do not come with Vigie, and their contract
costs        from gross to net, and the break-even cost
"""
