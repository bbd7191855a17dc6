"""The valuation once more, from `docs/valuation.md` and nothing else: whoever wrote this had not seen the engine.

It is plain and slow on purpose. Where the text can be read in two ways, the comment begins with *Reading*.
"""

import bisect
import datetime as dt
import itertools
import math
import statistics
from dataclasses import dataclass, field

LEAST_EARLIER = 730
WEEKS = 14
MEAN_DAYS = 200
RANGE_DAYS = 14
OLDEST = 3
VOLATILITY_DAYS = 30
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
    differs: bool | None = None


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
    for told in days:
        if told.day.weekday() == SUNDAY:
            weeks.append(told.close)
            moves = [after - before for before, after in itertools.pairwise(weeks)]
            if len(moves) == WEEKS:
                up = sum(max(move, 0.0) for move in moves) / WEEKS
                down = sum(max(-move, 0.0) for move in moves) / WEEKS
            elif len(moves) > WEEKS:
                up = (up * (WEEKS - 1) + max(moves[-1], 0.0)) / WEEKS
                down = (down * (WEEKS - 1) + max(-moves[-1], 0.0)) / WEEKS
            if up is not None:
                # Reading: prices that never moved are in the middle.
                rsi = 50.0 if up + down == 0 else 100.0 * up / (up + down)
        by_day.append(rsi)
    return by_day


def distance_to_mean(days):
    """How far the close is from the average of 200 closes, its own among them."""
    closes = [told.close for told in days]
    values = []
    for place, close in enumerate(closes):
        window = closes[max(0, place - MEAN_DAYS + 1) : place + 1]
        values.append(close / (math.fsum(window) / MEAN_DAYS) - 1 if len(window) == MEAN_DAYS else None)
    return values


def drawdown(days):
    """How far the close is below the highest so far."""
    highest, values = 0.0, []
    for told in days:
        highest = max(highest, told.close)
        values.append(told.close / highest - 1)
    return values


def volatility(days):
    """Spread of the moves of 30 days."""
    closes = [told.close for told in days]
    values = [None] * min(len(closes), VOLATILITY_DAYS)
    for place in range(VOLATILITY_DAYS, len(closes)):
        window = closes[place - VOLATILITY_DAYS : place + 1]
        values.append(
            statistics.stdev(math.log(after / before) for before, after in itertools.pairwise(window))
        )
    return values


def known_on(days, published, lag):
    """What was known of another series when each day closed; a value older than three days is not known."""
    values = []
    for told in days:
        found = None
        for age in range(lag, OLDEST + 1):
            found = published.get(told.day - age * ONE_DAY)
            if found is not None:
                break
        values.append(found)
    return values


def settled_on(settlements):
    """The mean of the rates that were settled on each day, from moments and rates."""
    by_day = {}
    for moment, rate in settlements:
        by_day.setdefault(moment.date(), []).append(rate)
    return {day: sum(rates) / len(rates) for day, rates in by_day.items()}


def ranks(values):
    """Where each value stands among all earlier ones, from -1 to 1; equal ones count by half."""
    earlier, found = [], []
    for value in values:
        if value is None:
            found.append(None)
            continue
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
    spans, found = [], []
    for place, told in enumerate(days):
        move = told.close - days[place - 1].close if place else None
        span = None if move is None else 2 * abs(move)
        if told.day in bars:
            high, low = bars[told.day]
            span = high - low
        before = spans[-RANGE_DAYS:]
        word = None
        if move is not None and len(before) == RANGE_DAYS and None not in before:
            limit = 2 * math.fsum(before) / RANGE_DAYS
            if abs(move) > limit:
                word = "rising sharply" if move > 0 else "falling sharply"
        found.append(word)
        spans.append(span)
    return found


def next_state(state, score, before):
    """The state after a close with this score; `before` is the score of the close before."""
    if (state == "stretched" and score <= 0.4) or (state == "depressed" and score >= -0.4) or state is None:
        state = "normal"
    if state == "normal" and before is not None:
        if score >= 0.6 and before >= 0.6:
            return "stretched"
        if score <= -0.6 and before <= -0.6:
            return "depressed"
    return state


def value(prices, *, mvrv=None, funding=None, mood=None, bars=None):
    """Every day of a history, with ranks, votes, score, state and word."""
    days = fill(prices)
    rows = {
        "rsi": ranks(weekly_rsi(days)),
        "mean": ranks(distance_to_mean(days)),
        "drawdown": ranks(drawdown(days)),
        "mvrv": ranks(known_on(days, mvrv or {}, 1)),
        "funding": ranks(known_on(days, funding or {}, 0)),
        "mood": ranks(known_on(days, mood or {}, 0)),
        "volatility": ranks(volatility(days)),
    }
    sharp = sharp_moves(days, bars or {})
    state = before = None
    for place, told in enumerate(days):
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
    changes = [change(place) for place in range(first, last + 1)]
    medians = []
    # Reading: moving by no day at all is one of the possible numbers; it is the real one, so p is never 0.
    for shift in range(len(changes)):
        medians.append(statistics.median(changes[(place - first + shift) % len(changes)] for place in starts))
    middle = statistics.median(medians)
    far = abs(told.median - middle)
    told.p = sum(abs(one - middle) >= far for one in medians) / len(medians)
    told.differs = told.p < SURE and horizon in TESTED_HORIZONS
    return told
