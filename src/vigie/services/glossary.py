"""The glossary: what the words of the field mean, on Help, in the palette and in letters."""

from __future__ import annotations

from typing import Final, NamedTuple


class GlossaryTerm(NamedTuple):
    """One word.

    Attributes
    ----------
    key : str
        Where it stands on Help: ``/help#rsi``.
    """

    key: str
    word: str
    meaning: str


# In English; the catalogue has them in the others.
TERMS: Final = (
    GlossaryTerm(
        "market-cap",
        "Market cap",
        "The price times the number of coins. A large market cap does not mean that the coin is easy "
        "to sell.",
    ),
    GlossaryTerm(
        "volume",
        "Volume",
        "The amount traded in 24 hours on the named venue.",
    ),
    GlossaryTerm(
        "perpetual",
        "Perpetual",
        "A contract on a price, without an expiry date, “perp” for short: its price is close to that of the coin, not "
        "the same. Most crypto trading happens in perpetuals.",
    ),
    GlossaryTerm(
        "funding",
        "Funding rate",
        "A payment between the two sides of a perpetual, shown here for 8 hours and for a year. "
        "Positive: longs (who bet on a rise) pay shorts (who bet on a fall), which keeps the contract near the coin. "
        "At +0.01%, a bet of $10,000 on a rise pays $1.",
    ),
    GlossaryTerm(
        "implied-volatility",
        "Implied volatility (DVOL)",
        "How far the price may move in a year, as option prices say it; never in which direction.",
    ),
    GlossaryTerm(
        "open-interest",
        "Open interest",
        "The total size of all open contracts. When it rises with the price, new money is betting on "
        "the rise.",
    ),
    GlossaryTerm(
        "basis",
        "Basis",
        "How far the contract's price is above the spot price, the price of the coin itself.",
    ),
    GlossaryTerm(
        "fear-and-greed",
        "Fear and greed",
        "An index from 0 (fear) to 100 (greed) by alternative.me, based on price swings, volume and "
        "searches. It describes the mood; it predicts nothing.",
    ),
    GlossaryTerm(
        "stablecoin",
        "Stablecoin",
        "A coin meant to stay worth one dollar. The peg shows how well it does.",
    ),
    GlossaryTerm(
        "drawdown",
        "Drawdown",
        "The drop from the highest point so far. The max drawdown is the deepest drop.",
    ),
    GlossaryTerm(
        "sharpe",
        "Sharpe",
        "Sharpe ratio: the return divided by its volatility, per year. Above 1 is good; above 3 is "
        "rare, or a mistake.",
    ),
    GlossaryTerm(
        "profit-factor",
        "Profit factor",
        "Total gains divided by total losses. Above 1, the trades made money; with few trades it says"
        " little.",
    ),
    GlossaryTerm(
        "r-multiple",
        "R multiple",
        "The result of a trade, in units of its risk down to the first stop. 2 R: twice the amount at risk.",
    ),
    GlossaryTerm(
        "liquidation",
        "Liquidation",
        "The venue closes a position by force because its margin no longer covers the loss. Many at "
        "once push the price further.",
    ),
    GlossaryTerm(
        "mvrv",
        "MVRV",
        "Market value divided by realised value: the price compared with what all coins cost when "
        "they last moved. Above 1, holders are in profit on average.",
    ),
    GlossaryTerm(
        "valuation",
        "Valuation",
        "How an asset stands against its own past: stretched, normal or depressed. Weekly RSI, distance to "
        "the 200-day average, drawdown, MVRV, funding, fear and greed: each is compared with all its earlier "
        "values.",
    ),
    GlossaryTerm(
        "stretched",
        "Stretched",
        "The valuation is high: its components were seldom higher. That says nothing yet of what comes next.",
    ),
    GlossaryTerm(
        "depressed",
        "Depressed",
        "The valuation is low: its components were seldom lower. That says nothing yet of what comes next.",
    ),
    GlossaryTerm(
        "episode",
        "Episode",
        "One day on which an asset was stretched or depressed, with what its price did in the days after. The "
        "next one starts only when those days are over.",
    ),
    GlossaryTerm(
        "puell-multiple",
        "Puell multiple",
        "What miners earn in a day, divided by their one-year average. Low: mining pays less than usual.",
    ),
    GlossaryTerm(
        "backtest-verdict",
        "Backtest verdict",
        "Whether the result could be luck, given everything that was tried.",
    ),
    GlossaryTerm(
        "adx",
        "ADX",
        "The strength of a trend: below 20 weak, above 40 very strong. It does not say whether the "
        "trend is up or down.",
    ),
    GlossaryTerm(
        "atr",
        "ATR, daily range",
        "Average true range: how far a price usually moves in a day, from low to high. Two ATRs away "
        "from its average is far.",
    ),
    GlossaryTerm(
        "rsi",
        "RSI",
        "From 0 to 100: how much of the latest moves went up. Below 30, the price fell a lot "
        "recently; above 70, it rose a lot.",
    ),
    GlossaryTerm(
        "bps",
        "Basis point, bps",
        "A hundredth of a per cent. A spread of 10 bps costs a tenth of a per cent to buy and sell again.",
    ),
    GlossaryTerm(
        "dsr",
        "DSR",
        "Deflated Sharpe ratio: the probability that a backtest's result is more than luck, given how"
        " many were tried.",
    ),
    GlossaryTerm(
        "pbo",
        "PBO",
        "Probability of backtest overfitting: the chance that the best result of a search ends up "
        "below the median afterwards.",
    ),
    GlossaryTerm(
        "setup",
        "Setup",
        "A chance to trade that one active strategy sees on one market: it forms, is confirmed, and ends. "
        "What became of each stays on Signals.",
    ),
    GlossaryTerm(
        "nearness",
        "Nearness",
        "How close the criteria of a strategy are to being met, from 0 to 1, on average. A setup forms from "
        "0.7 on, for two closes.",
    ),
    GlossaryTerm(
        "contribution",
        "Contribution",
        "What counts for a setup (up to +1) or against it (down to −1): criteria, patterns, news, "
        "derivatives. It ranks setups and decides nothing.",
    ),
    GlossaryTerm(
        "invalidated",
        "Invalidated",
        "The reason for a setup is gone: its criteria no longer hold, the price is beyond its stop, or the "
        "strategy was changed.",
    ),
    GlossaryTerm(
        "plan",
        "Plan",
        "A trade that you decide before it happens: where to enter, one stop, one target, until when. An "
        "account tries it once.",
    ),
    GlossaryTerm(
        "slot",
        "Active strategy, slot",
        "One strategy on one market and one timeframe, as an account trades it.",
    ),
    GlossaryTerm(
        "leverage",
        "Leverage",
        "How many times larger a position is than the money behind it. At 5, a move of 1% is 5% of that "
        "money; the position is closed by force sooner.",
    ),
    GlossaryTerm(
        "expected-r",
        "Expected R",
        "What similar setups made on average, in R. With few of them it is drawn towards 0; alerts about "
        "setups are ranked by it.",
    ),
    GlossaryTerm(
        "regime",
        "Regime",
        "What kind of market it is: rising or falling, calm or moving a lot.",
    ),
    GlossaryTerm(
        "alert-budget",
        "Budget of alerts",
        "How many alerts about setups you get a day at most, over all your rules. Those that were not sent "
        "are listed on Signals.",
    ),
    GlossaryTerm(
        "anchor",
        "Anchor",
        "Number and head of the audit chain, printed in a mail about a setup. With them anyone can see "
        "whether the record was rewritten.",
    ),
    GlossaryTerm(
        "as-of",
        "As of",
        "The page shows only what was known at that time.",
    ),
    GlossaryTerm(
        "stale",
        "Stale",
        "Older than it should be: the source has sent nothing new.",
    ),
    GlossaryTerm(
        "time-weighted",
        "Time-weighted return",
        "What your coins returned day by day, multiplied, whatever came in and out. It tells how good the coins were, "
        "not how well you chose the days.",
    ),
    GlossaryTerm(
        "money-weighted",
        "Money-weighted return",
        "The yearly rate at which all that you put in would have grown to what you have (XIRR). It counts when the "
        "money came; sometimes several rates fit, or none.",
    ),
    GlossaryTerm(
        "share-limit",
        "Share limit",
        "How much of what you own may depend on one coin, place, issuer or chain before Portfolio warns you. It is "
        "your own choice, 40% until you set another one.",
    ),
    GlossaryTerm(
        "lots",
        "Lots",
        "Each purchase is a lot with its day and cost. Which lots a sale takes first decides its gain and what is "
        "left; the sum of all coins stays the same.",
    ),
    GlossaryTerm(
        "days-to-sell",
        "Days to sell",
        "How long it takes to sell a holding while being a tenth of what is traded on a usual day: the median of the "
        "last 30 days on the market where its price is from.",
    ),
    GlossaryTerm(
        "letter",
        "Portfolio letter",
        "A week or a month of what you own: its worth, what moved it, valuations, dates that come, one word explained, "
        "and one thing to do, or nothing. It never says what to buy or sell.",
    ),
    GlossaryTerm(
        "reported",
        "Reported by platforms",
        "From 2026 platforms in the EU report yearly sums of each user to the tax authority (DAC8, after CARF): by "
        "coin and category, with units, an amount and a number of transactions.",
    ),
)
