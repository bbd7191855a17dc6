"""The valuation once more, from `docs/valuation.md` and nothing else: whoever wrote this had not seen the engine.

It is plain and slow on purpose. Where the text could be read in two ways, the comment begins with *Reading*, and
`docs/valuation.md` lists both. Averages are reckoned in 60 digits: what is equal in mathematics is equal here.
"""

import bisect
import datetime as dt
import math
import random
import statistics
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from itertools import pairwise

LEAST_EARLIER = 730
WEEKS = 14
MEAN_DAYS = 200
RANGE_DAYS = 14
OLDEST = 3
VOLATILITY_DAYS = 30
# Values that agree to ten decimals are equal.
DECIMALS = 10
DIGITS = 60
# The last digits of a mean decide nothing.
SLACK = 1e-9
ONE_DAY = dt.timedelta(days=1)
SUNDAY = 6
LEAST_EPISODES = 10
# Two states, two horizons.
SURE = 0.05 / 4
TESTED_HORIZONS = (30, 91)


@dataclass
class Told:
    """What is told of one day."""

    day: dt.date
    close: float
    is_kept: bool
    ranks: dict = field(default_factory=dict)
    votes: dict = field(default_factory=dict)
    score: float | None = None
    state: str | None = None
    word: str | None = None


@dataclass
class Followed:
    """What followed the episodes of one state over one horizon."""

    starts: list
    changes: list
    median: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    differs: bool = False


def fill(prices):
    """Every day from the first to the last; one without a price keeps the price of the day before."""
    day, last = min(prices), max(prices)
    days = []
    while day <= last:
        is_kept = day not in prices
        days.append(Told(day, days[-1].close if is_kept else prices[day], is_kept))
        day += ONE_DAY
    return days


def weekly_rsi(days):
    """Wilder's RSI over 14 weeks, of the newest week that is over when the day closes."""
    weeks, by_day = [], []
    up = down = rsi = None
    with localcontext(prec=DIGITS):
        for told in days:
            if told.day.weekday() == SUNDAY:
                weeks.append(Decimal(told.close))
                moves = [after - before for before, after in pairwise(weeks[-WEEKS - 1 :])]
                if len(weeks) == WEEKS + 1:
                    up = sum(max(move, Decimal(0)) for move in moves) / WEEKS
                    down = sum(max(-move, Decimal(0)) for move in moves) / WEEKS
                elif len(weeks) > WEEKS + 1:
                    up = (up * (WEEKS - 1) + max(moves[-1], Decimal(0))) / WEEKS
                    down = (down * (WEEKS - 1) + max(-moves[-1], Decimal(0))) / WEEKS
                if up is not None:
                    # Reading: prices that never moved have 0, as in TA-Lib, not the middle.
                    rsi = float(100 * up / (up + down)) if up + down else 0.0
            by_day.append(rsi)
    return by_day


def distance_to_mean(days):
    """How far the close is from the average of 200 closes, its own among them."""
    values = []
    with localcontext(prec=DIGITS):
        closes = [Decimal(told.close) for told in days]
        for place, close in enumerate(closes):
            window = closes[max(0, place - MEAN_DAYS + 1) : place + 1]
            values.append(float(close * MEAN_DAYS / sum(window) - 1) if len(window) == MEAN_DAYS else None)
    return values


def drawdown(days):
    """How far the close is below the highest so far."""
    highest, values = 0.0, []
    for told in days:
        highest = max(highest, told.close)
        values.append(told.close / highest - 1)
    return values


def volatility(days):
    """Root mean square of the moves of 30 days, a year's worth."""
    closes = [told.close for told in days]
    values = [None] * min(len(closes), VOLATILITY_DAYS)
    for place in range(VOLATILITY_DAYS, len(closes)):
        window = closes[place - VOLATILITY_DAYS : place + 1]
        # Reading: of the moves themselves, not of what they differ from their mean.
        squares = [math.log(after / before) ** 2 for before, after in pairwise(window)]
        values.append(math.sqrt(365 * math.fsum(squares) / VOLATILITY_DAYS))
    return values


def known_on(days, published, first):
    """What was known of another series when each day closed, `first` days after its own.

    Reading: the three days after which a value is too old are counted from the close at which it counts first.
    """
    values = []
    for told in days:
        found = [published.get(told.day - back * ONE_DAY) for back in range(first, first + OLDEST + 1)]
        values.append(next((value for value in found if value is not None), None))
    return values


def settled_on(days, settlements):
    """The mean of the rates that were settled on each day, from moments and rates.

    Reading: a day without any has none; it does not keep that of the day before. One at midnight is of the day that
    ends.
    """
    by_day = {}
    for moment, rate in settlements:
        by_day.setdefault((moment - dt.timedelta(milliseconds=1)).date(), []).append(Decimal(str(rate)))
    rates = [by_day.get(told.day) for told in days]
    return [None if of_day is None else float(sum(of_day) / len(of_day)) for of_day in rates]


def ranks(values):
    """Where each value stands among all earlier ones, from -1 to 1; equal ones count by half."""
    earlier, found = [], []
    for exact in values:
        if exact is None:
            found.append(None)
            continue
        value = round(exact, DECIMALS)
        if len(earlier) < LEAST_EARLIER:
            found.append(None)
        else:
            below = bisect.bisect_left(earlier, value)
            equal = bisect.bisect_right(earlier, value) - below
            found.append(2 * (below + equal / 2) / len(earlier) - 1)
        bisect.insort(earlier, value)
    return found


def sharp_moves(days, bars):
    """*rising sharply* or *falling sharply* for each day on which one of these overrides the word."""
    found, first, average = [], [], None
    for place, told in enumerate(days):
        if not place:
            found.append(None)
            continue
        before = days[place - 1].close
        move = told.close - before
        word = None
        # Reading: where nothing ever moved there is no range to compare with.
        if average and abs(move) > 2 * average:
            word = "rising sharply" if move > 0 else "falling sharply"
        found.append(word)
        span = 2 * abs(move)
        if told.day in bars:
            # Reading: a gap from the close before belongs to the range.
            high, low = bars[told.day]
            span = max(high, before) - min(low, before)
        # Reading: the average of 14 days is Wilder's, as in "average daily range (ATR 14)" elsewhere.
        first.append(span)
        if len(first) == RANGE_DAYS:
            average = math.fsum(first) / RANGE_DAYS
        elif len(first) > RANGE_DAYS:
            average += (span - average) / RANGE_DAYS
    return found


def next_state(state, score, before):
    """The state after a close with this score; `before` is the score of the close before."""
    if state is None or (state == "stretched" and score <= 0.4 + SLACK):
        state = "normal"
    if state == "depressed" and score >= -0.4 - SLACK:
        state = "normal"
    if before is not None and min(score, before) >= 0.6 - SLACK:
        return "stretched"
    if before is not None and max(score, before) <= -0.6 + SLACK:
        return "depressed"
    return state


def value(prices, *, mvrv=None, funding=(), mood=None, bars=None):
    """Every day of a history, with ranks, votes, score, state and word."""
    days = fill(prices)
    rows = {
        "rsi": ranks(weekly_rsi(days)),
        "mean": ranks(distance_to_mean(days)),
        "drawdown": ranks(drawdown(days)),
        "mvrv": ranks(known_on(days, mvrv or {}, 1)),
        "funding": ranks(settled_on(days, funding)),
        "mood": ranks(known_on(days, mood or {}, 0)),
        "volatility": ranks(volatility(days)),
    }
    sharp = sharp_moves(days, bars or {})
    state = before = None
    for place, told in enumerate(days):
        # Reading: a sharp move is said where no score is known, too.
        told.word = sharp[place] or "unknown"
        told.ranks = {name: row[place] for name, row in rows.items() if row[place] is not None}
        of_price = [told.ranks.get(name) for name in ("rsi", "mean", "drawdown")]
        # Reading: each is a third of the price's vote, so the vote is known only with all three.
        if None not in of_price:
            told.votes["price"] = math.fsum(of_price) / 3
        for name in ("mvrv", "funding", "mood"):
            if name in told.ranks:
                told.votes[name] = told.ranks[name]
        if "price" in told.votes:
            told.score = math.fsum(told.votes.values()) / len(told.votes)
            state = next_state(state, told.score, before)
            told.state = state
            told.word = sharp[place] or state
        before = told.score
    return days


def starts_of(days, state, horizon):
    """Places of the closes at which episodes of a state start."""
    found = []
    for place, told in enumerate(days):
        if told.state == state and (not found or place - found[-1] >= horizon):
            found.append(place)
    return found


def interval(values):
    """The narrowest pair of order statistics, equally far from both ends, that holds the median in 95 % of cases."""
    ordered, number = sorted(values), len(values)
    left_out, tail = 0, 0.0
    while True:
        tail += math.comb(number, left_out) / 2**number
        if tail > 0.025:
            break
        left_out += 1
    # With k values below it left out, the interval begins at the k-th smallest.
    return ordered[left_out - 1], ordered[number - left_out]


def followed(days, state, horizon):
    """What followed a state: episodes whose horizon is over, and from ten on their median beside all shifts."""
    last = len(days) - 1 - horizon
    starts = [place for place in starts_of(days, state, horizon) if place <= last]

    def change(place):
        return days[place + horizon].close / days[place].close - 1

    told = Followed([days[place].day for place in starts], [change(place) for place in starts])
    if len(starts) < LEAST_EPISODES:
        return told
    told.median = statistics.median(told.changes)
    told.low, told.high = interval(told.changes)
    # Reading: the history goes round from the first day with a score to the last whose horizon is over.
    first = next(place for place, one in enumerate(days) if one.score is not None)
    # Reading: how far medians are apart is measured in logarithms: doubled and halved are equally far.
    moves = [math.log1p(change(place)) for place in range(first, last + 1)]
    medians = []
    # Reading: moving by no day at all is one of the possible numbers; it is the real one, so p is never 0.
    for shift in range(len(moves)):
        medians.append(statistics.median(moves[(place - first + shift) % len(moves)] for place in starts))
    middle = statistics.median(medians)
    far = abs(medians[0] - middle)
    if horizon in TESTED_HORIZONS:
        told.p = sum(abs(one - middle) >= far - 1e-12 for one in medians) / len(medians)
        told.differs = told.p < SURE
    return told


def chance(days, number, horizon, seed):
    """Median, and the middle 95 %, of the medians of 1,000 draws of as many starts, as far apart."""
    first = next(place for place, one in enumerate(days) if one.score is not None)
    last = len(days) - 1 - horizon
    draw = random.Random(seed)
    medians = []
    for _ in range(1_000):
        # Drawn without the days between them, which are put back after: so no two are too near.
        free = sorted(draw.choices(range(last - first + 1 - (number - 1) * horizon), k=number))
        starts = [first + place + rank * horizon for rank, place in enumerate(free)]
        medians.append(
            statistics.median(days[place + horizon].close / days[place].close - 1 for place in starts)
        )
    medians.sort()
    return medians[25], statistics.median(medians), medians[974]
