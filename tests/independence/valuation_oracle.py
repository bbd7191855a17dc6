"""An independent reference of the valuation: plain and slow, written from the rules in words.

A component is its rank among its own earlier values, scaled to [-1, 1], from 730 of them on. Weekly RSI, distance to
the 200-day mean and drawdown are one vote, their mean. The score is the mean of the votes that are known; without
that of the price there is none. Nothing of the product is imported.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median

DAYS_NEEDED = 730


def rank(values: list[float | None], at: int) -> float | None:
    """Count below less count above, of the earlier known values, by their number."""
    value = values[at]
    earlier = [other for other in values[:at] if other is not None]
    if value is None or len(earlier) < DAYS_NEEDED:
        return None
    below = sum(1 for other in earlier if other < value)
    above = sum(1 for other in earlier if other > value)
    return (below - above) / len(earlier)


def wilder(closes: list[float], weeks: int = 14) -> float | None:
    """Wilder's index of a whole list of weekly closes."""
    if len(closes) <= weeks:
        return None
    steps = [after - before for before, after in pairwise(closes)]
    gain = sum(max(step, 0.0) for step in steps[:weeks]) / weeks
    loss = sum(max(-step, 0.0) for step in steps[:weeks]) / weeks
    for step in steps[weeks:]:
        gain = (gain * (weeks - 1) + max(step, 0.0)) / weeks
        loss = (loss * (weeks - 1) + max(-step, 0.0)) / weeks
    return 100.0 * gain / (gain + loss) if gain + loss else 0.0


def is_sunday(day: int) -> bool:
    """1 January 1970 was a Thursday."""
    return ("thu", "fri", "sat", "sun", "mon", "tue", "wed")[day % 7] == "sun"


def price_components(days: list[int], closes: list[float]) -> dict[str, list[float | None]]:
    """The three of the price group at each close."""
    weekly: list[float | None] = []
    distance: list[float | None] = []
    drawdown: list[float | None] = []
    sundays: list[float] = []
    index: float | None = None
    for at, (day, close) in enumerate(zip(days, closes, strict=True)):
        if is_sunday(day):
            sundays.append(close)
            index = wilder(sundays)
        weekly.append(index)
        last = closes[max(0, at - 199) : at + 1]
        distance.append(close / (sum(last) / 200) - 1 if len(last) == 200 else None)
        drawdown.append(close / max(closes[: at + 1]) - 1)
    return {"weekly_rsi": weekly, "mean_distance": distance, "drawdown": drawdown}


def scores_of(
    days: list[int], closes: list[float], others: dict[str, list[float | None]]
) -> list[float | None]:
    """The mean of the votes at each close."""
    group = price_components(days, closes)
    answer: list[float | None] = []
    for at in range(len(days)):
        thirds = [rank(values, at) for values in group.values()]
        if None in thirds:
            answer.append(None)
            continue
        votes = [sum(thirds) / 3]
        votes += [vote for values in others.values() if (vote := rank(values, at)) is not None]
        answer.append(sum(votes) / len(votes))
    return answer


def words_of(given: list[float | None]) -> list[str | None]:
    """From 0.6 or -0.6 for two closes, left at 0.4 or -0.4."""
    answer: list[str | None] = []
    before: float | None = None
    word: str | None = None
    for score in given:
        if score is None:
            word = None
        else:
            if (
                word is None
                or (word == "stretched" and score <= 0.4)
                or (word == "depressed" and score >= -0.4)
            ):
                word = "normal"
            if before is not None and min(score, before) >= 0.6:
                word = "stretched"
            if before is not None and max(score, before) <= -0.6:
                word = "depressed"
        answer.append(word)
        before = score
    return answer


def starts(words: list[str | None], word: str, horizon: int) -> list[int]:
    """Closes in a state, none less than the horizon after the one before."""
    chosen: list[int] = []
    for at, found in enumerate(words):
        if found == word and (not chosen or at - chosen[-1] >= horizon):
            chosen.append(at)
    return chosen


def changes(closes: list[float], chosen: list[int], horizon: int) -> list[float]:
    """What the price did over the horizon, of those that are over."""
    return [closes[at + horizon] / closes[at] - 1 for at in chosen if at + horizon < len(closes)]


def shifted_share(closes: list[float], words: list[str | None], chosen: list[int], horizon: int) -> float:
    """The share of circular shifts with a median as far from the middle as that of the starts."""
    first = next(at for at, word in enumerate(words) if word is not None)
    possible = [closes[at + horizon] / closes[at] for at in range(first, len(closes) - horizon)]
    places = [at - first for at in chosen if at + horizon < len(closes)]
    number = len(possible)
    # Medians of ratios in logarithms: the mean of the middle two is their geometric mean.
    medians = []
    for shift in range(number):
        followed = sorted(possible[(place + shift) % number] for place in places)
        low, high = followed[(len(followed) - 1) // 2], followed[len(followed) // 2]
        medians.append((low * high) ** 0.5)
    middle = median_ratio(medians)
    distance = [max(value / middle, middle / value) for value in medians]
    return sum(1 for value in distance if value >= distance[0] * (1 - 1e-12)) / number


def median_ratio(values: list[float]) -> float:
    """The middle in logarithms."""
    ascending = sorted(values)
    return (ascending[(len(ascending) - 1) // 2] * ascending[len(ascending) // 2]) ** 0.5


def middle_of(values: list[float]) -> float:
    """The median."""
    return median(values)
