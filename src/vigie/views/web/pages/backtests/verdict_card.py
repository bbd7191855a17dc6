"""The verdict on a backtest in one sentence and four answers: earned, more than holding, luck, costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vigie.services.operations.backtests import BacktestDetails, RunVerdict
from vigie.views.web.pages.backtests.funding_words import funding_notes
from vigie.views.web.request_context import RequestContext

# A result is convincing where luck alone does as well in at most so many cases.
CONVINCING: Final = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about a result.

    Attributes
    ----------
    question, word, value, note : str
        In the visitor's language: a word that answers, empty where nothing can be said, and a short value.
    tone : str
        ``good``, ``warn``, ``bad``, or empty where nothing can be said.
    """

    question: str
    word: str
    tone: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """What the hero of a backtest says: a sentence, four answers, and what they leave out."""

    headline: str
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()


def verdict_card(context: RequestContext, result: BacktestDetails) -> VerdictCard:
    """Return the card of a result of `backtests.get`."""
    values = {figure.key: figure.figure.value for figure in result.figures}
    return VerdictCard(
        _headline(context, result, values),
        (
            _earned(context, result, values),
            _holding(context, values),
            _luck(context, result.verdict),
            _costs(context, result, values),
        ),
        tuple(funding_notes(context, result)),
    )


def _headline(context: RequestContext, result: BacktestDetails, values: Mapping[str, float | None]) -> str:
    gain = values["total_return"] or 0.0
    is_luck = result.verdict is None or result.verdict.is_luck
    if not values["trades"]:
        return context.text("Nothing was traded")
    if gain <= 0:
        if result.cost is not None and gain * (values["capital"] or 0.0) > result.cost:
            return context.text("Costs ate what it earned")
        return context.text("It lost money")
    if result.verdict is None:
        return context.text("It earned, but nobody judged whether by luck")
    if is_luck:
        return context.text("It earned, but it could be luck")
    if gain < (values["buy_hold_return"] or 0.0):
        return context.text("It earned, but less than holding")
    return context.text("It earned, and luck seldom does as well")


def _earned(context: RequestContext, result: BacktestDetails, values: Mapping[str, float | None]) -> Answer:
    gain, yearly = values["total_return"], values.get("cagr")
    question, note = context.text("Did it earn?"), context.text("after all costs")
    if gain is None or not values["trades"]:
        return Answer(question, "", context.lang.unit(gain, "change"), note, "")
    if yearly is not None:
        note = context.text("%(share)s a year, after all costs") % {
            "share": context.lang.unit(yearly, "change")
        }
    return Answer(question, *_yes_or_no(context, gain > 0), context.lang.unit(gain, "change"), note)


def _holding(context: RequestContext, values: Mapping[str, float | None]) -> Answer:
    gain, held = values["total_return"], values["buy_hold_return"]
    question = context.text("More than holding?")
    if gain is None or held is None:
        return Answer(question, "", "", "–", "")
    note = context.text("holding made %(share)s") % {"share": context.lang.unit(held, "change")}
    return Answer(question, *_yes_or_no(context, gain > held), points(context, gain - held), note)


def _luck(context: RequestContext, verdict: RunVerdict | None) -> Answer:
    question = context.text("Could it be luck?")
    if verdict is None or verdict.chance is None:
        return Answer(question, "", "", "–", context.text("not judged"))
    trials = context.lang.plural("%(num)s trial", "%(num)s trials", verdict.trials) % {"num": verdict.trials}
    note = context.text("of cases luck does as well (%(trials)s); wanted: at most %(limit)s") % {
        "trials": trials,
        "limit": context.lang.share(CONVINCING, 0),
    }
    word, tone = (context.text("Yes"), "warn") if verdict.is_luck else (context.text("Hardly"), "good")
    return Answer(question, word, tone, context.lang.share(verdict.chance), note)


def _costs(context: RequestContext, result: BacktestDetails, values: Mapping[str, float | None]) -> Answer:
    question = context.text("Do costs kill it?")
    capital, gain = values["capital"], values["total_return"]
    if result.cost is None or not capital or gain is None or not values["trades"]:
        return Answer(question, "", "", "–", "")
    cost = result.cost / capital
    before = context.text("before costs %(share)s") % {"share": context.lang.unit(gain - cost, "change")}
    is_killed = gain <= 0 < gain - cost
    word, tone = (
        (context.text("Yes"), "bad") if is_killed else (context.text("No"), "good" if gain > 0 else "")
    )
    return Answer(question, word, tone, points(context, cost), before)


def _yes_or_no(context: RequestContext, is_true: bool) -> tuple[str, str]:
    return (context.text("Yes"), "good") if is_true else (context.text("No"), "bad")


def points(context: RequestContext, difference: float) -> str:
    """Return a difference of two shares in percentage points: ``+4.2 pt``."""
    sign = "+" if difference > 0 else ""
    return context.text("%(number)s pt") % {"number": sign + context.lang.fixed(difference * 100, 1)}
