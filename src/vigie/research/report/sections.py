"""The parts of the page, ready to be written: sentences, tiles, verdict, costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vigie.domain.state import Records
from vigie.engine.run import Run, trade_columns
from vigie.quant.metrics.costs import CostWaterfall, cost_waterfall
from vigie.quant.stats.verdict import Reason, Verdict
from vigie.research.report.cells import CellFactory, TableCell
from vigie.research.report.numbers import DRAWDOWN_DIGITS
from vigie.research.report.texts import ReportTexts


@dataclass(frozen=True, slots=True)
class ReportTile:
    """One figure at a glance: key of its definition, name, value, note.

    Attributes
    ----------
    key : str
        Name of the metric, ``max_drawdown``; leads to its definition.
    name : str
        Label in the reader's language.
    value : TableCell
        Written and coloured.
    note : str
        One line below; may be empty.
    """

    key: str
    name: str
    value: TableCell
    note: str


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """One step from gross to net: name, amount, share of the traded value, bar from and to in per cent.

    Attributes
    ----------
    key : str
        ``gross``, ``slippage``, ``fees``, ``funding``, ``net``.
    name : str
        Label in the reader's language.
    amount : TableCell
        Quote currency; costs are negative.
    share : str
        Basis points of the traded value; empty where nothing was traded.
    left, width : float
        Bar, in per cent of the drawing.
    """

    key: str
    name: str
    amount: TableCell
    share: str
    left: float
    width: float


def quote_currency(run: Run, words: ReportTexts) -> str:
    """Return the quote currency of all slots, or a word where they differ.

    Parameters
    ----------
    run : Run
        Names of its slots are read.

    Returns
    -------
    str
        ``USDT``, or the word where a name holds no currency.
    """
    parts = [slot.plan.slot.instrument.split("-") for slot in run.slots]
    quotes = {part[1].upper() if len(part) == 3 else "" for part in parts}
    return quotes.pop() if len(quotes) == 1 and "" not in quotes else words.say("quote.mixed")


def lead_sentences(run: Run, quote: str, words: ReportTexts) -> list[str]:
    """Return what happened, in plain sentences.

    Parameters
    ----------
    run : Run
        May have no samples.
    quote : str
        Quote currency, as `quote_currency` gives it.

    Returns
    -------
    list of str
        At least one; without samples it says that nothing was traded.
    """
    style, total = words.style, run.total
    if len(run.equity) == 0:
        return [words.say("lead.no_trades")]
    spans = {
        (int(s.plan.bars.ts[s.plan.first]), int(s.plan.bars.ts[-1] + s.plan.bars.span_ms)) for s in run.slots
    }
    is_one = run.account.mode == "portfolio" or len(run.slots) == 1
    sentences = [
        words.say(
            "lead.portfolio" if is_one else "lead.isolated",
            start=words.day(min(start for start, _ in spans)),
            # The last day of which there is a bar, as pages name it: a close at midnight begins the next one.
            end=words.day(max(end for _, end in spans) - 1),
            slots=words.count("slots", len(run.slots)),
            capital=style.number(run.account.sizing.capital, 0),
            quote=quote,
            final=style.number(total.final_equity),
            change=style.percent(total.total_return, 2, sign=True),
        )
    ]
    if not math.isnan(total.buy_hold_return):
        sentences.append(words.say("lead.hold", hold=style.percent(total.buy_hold_return, 2, sign=True)))
    if total.trades == 0:
        sentences.append(words.say("lead.no_trades"))
    if len(spans) > 1 and not is_one:
        sentences.append(words.say("lead.staggered"))
    first = int(run.equity_ts[0])
    if is_one and first - min(start for start, _ in spans) > max(s.plan.bars.span_ms for s in run.slots):
        sentences.append(words.say("lead.late", start=words.day(first)))
    return sentences


def report_tiles(run: Run, quote: str, words: ReportTexts) -> list[ReportTile]:
    """Return the figures that stand at the top.

    Parameters
    ----------
    run : Run
        Its total is shown.
    quote : str
        Quote currency, as `quote_currency` gives it.

    Returns
    -------
    list of ReportTile
        Eight, in the order shown.
    """
    total, style, cells = run.total, words.style, CellFactory(words)
    net = total.final_equity - total.capital
    if not total.max_drawdown < 0:
        drawdown_note = words.say("tile.drawdown.none")
    else:
        key = "tile.drawdown.note" if total.drawdown_recovery_ts is not None else "tile.drawdown.open"
        drawdown_note = words.say(key, span=words.span(total.drawdown_ms))
    costs = total.fees + total.slippage
    rows: tuple[tuple[str, str, TableCell, str | dict[str, str]], ...] = (
        ("return", "total_return", cells.gain(total.total_return), {"amount": style.number(net, sign=True)}),
        ("hold", "buy_hold_return", cells.gain(total.buy_hold_return), {}),
        ("drawdown", "max_drawdown", cells.share(total.max_drawdown, DRAWDOWN_DIGITS), drawdown_note),
        ("sharpe", "sharpe", cells.number(total.sharpe), {"volatility": style.percent(total.volatility)}),
        ("trades", "trades", cells.count(total.trades), {"rate": style.percent(total.win_rate)}),
        ("factor", "profit_factor", cells.number(total.profit_factor), {}),
        ("exposure", "exposure", cells.share(total.exposure), {}),
        ("costs", "fees", cells.number(costs), {}),
    )
    return [
        ReportTile(
            key,
            words.say(f"tile.{name}"),
            cell,
            note if isinstance(note, str) else words.say(f"tile.{name}.note", quote=quote, **note),
        )
        for name, key, cell, note in rows
    ]


def _pbo_text(verdict: Verdict, words: ReportTexts) -> str:
    """Say the PBO, and its range over the offsets of its blocks where that is known and is not one number."""
    value, low, high = (words.style.number(share) for share in (verdict.pbo, *verdict.pbo_range))
    is_one = low == high or any(map(math.isnan, verdict.pbo_range))
    return value if is_one else words.say("verdict.range", value=value, low=low, high=high)


def _trials_text(verdict: Verdict, words: ReportTexts) -> str:
    """Say the trials, and the variants, looks and markets that they are made of where these are known."""
    trials = words.count("verdict.trials", verdict.trials)
    if not verdict.looks:
        return trials
    parts = [words.count("verdict.variants", verdict.variants), words.count("verdict.looks", verdict.looks)]
    if verdict.markets > 1:
        parts.append(words.count("verdict.markets", verdict.markets))
    return words.say("verdict.made", trials=trials, parts=", ".join(parts))


def verdict_lines(verdict: Verdict, words: ReportTexts) -> tuple[str, list[str], list[str]]:
    """Return the verdict, the numbers behind it, and the limits that were not met.

    Parameters
    ----------
    verdict : Verdict
        Of the run.

    Returns
    -------
    tuple of str, list of str, list of str
        One sentence, a line for each number that is known, a line for each limit not met.
    """
    style = words.style
    number = style.number
    figures = [_trials_text(verdict, words)]
    figures += [f"DSR {number(verdict.dsr)}"] if not math.isnan(verdict.dsr) else []
    figures += [f"PBO {_pbo_text(verdict, words)}"] if not math.isnan(verdict.pbo) else []
    head = words.say("verdict.luck" if verdict.is_luck else "verdict.skill")
    sentence = words.say("verdict.sentence", head=head, figures=", ".join(figures))
    if verdict.other_markets:
        sentence += words.count("verdict.others", verdict.other_markets)
    low, high = verdict.sharpe_interval
    worst, best = verdict.drawdown_interval
    rows = (
        ("dsr", verdict.dsr, {"value": number(verdict.dsr), "limit": number(verdict.thresholds.dsr)}),
        ("pbo", verdict.pbo, {"value": _pbo_text(verdict, words)}),
        (
            "sharpe",
            low,
            {
                "value": number(verdict.sharpe),
                "low": number(low),
                "high": number(high),
                "confidence": style.percent(verdict.thresholds.confidence, 0),
            },
        ),
        ("expected", verdict.expected_maximum_sharpe, {"value": number(verdict.expected_maximum_sharpe)}),
        (
            "track",
            verdict.min_track_record_periods,
            {"have": number(verdict.periods, 0), "need": number(verdict.min_track_record_periods, 0)},
        ),
        (
            "drawdown",
            worst,
            {"low": style.percent(best, DRAWDOWN_DIGITS), "high": style.percent(worst, DRAWDOWN_DIGITS)},
        ),
        ("p", verdict.permutation_p, {"value": number(verdict.permutation_p, 3)}),
    )
    lines = [words.say(f"verdict.{key}", **values) for key, value, values in rows if not math.isnan(value)]
    reasons = [
        words.say(
            f"verdict.reason.{r.code}",
            value=_format_limit(r, r.value, words),
            limit=_format_limit(r, r.limit, words),
        )
        if words.has(f"verdict.reason.{r.code}")
        else r.text
        for r in verdict.reasons
    ]
    return sentence, lines, reasons


def _format_limit(reason: Reason, value: float, words: ReportTexts) -> str:
    return words.style.number(value, {"few_periods": 0, "high_p_value": 3}.get(reason.code, 2))


def waterfall(trades: Records, words: ReportTexts) -> tuple[list[WaterfallStep], CostWaterfall]:
    """Return the steps from the gross to the net result, with bars on one scale.

    Parameters
    ----------
    trades : record array of `TRADE`
        Of all slots, in any order.

    Returns
    -------
    tuple of list of WaterfallStep, CostWaterfall
        Five steps, also without trades; the costs that they are drawn from.
    """
    costs = cost_waterfall(trade_columns(trades))
    after_slippage = costs.gross - costs.slippage
    after_fees = after_slippage - costs.fees
    steps = (
        ("gross", costs.gross, 0.0, costs.gross),
        ("slippage", -costs.slippage, costs.gross, after_slippage),
        ("fees", -costs.fees, after_slippage, after_fees),
        ("funding", costs.funding, after_fees, costs.net),
        ("net", costs.net, 0.0, costs.net),
    )
    low = min(0.0, *(min(a, b) for _, _, a, b in steps))
    span = max(0.0, *(max(a, b) for _, _, a, b in steps)) - low or 1.0
    cells = CellFactory(words)
    return [
        WaterfallStep(
            key,
            words.say(f"cost.{key}"),
            cells.amount(value),
            words.style.number(1e4 * value / costs.notional, 1, sign=True) if costs.notional > 0 else "",
            round(100 * (min(a, b) - low) / span, 2),
            round(max(100 * abs(b - a) / span, 0.3 if a != b else 0.0), 2),
        )
        for key, value, a, b in steps
    ], costs


def break_even_sentence(costs: CostWaterfall, words: ReportTexts) -> str:
    """Return the sentence on the cost a side that would leave nothing.

    Parameters
    ----------
    costs : CostWaterfall
        Of all trades.

    Returns
    -------
    str
        Basis points a side, beside what was paid.
    """
    if math.isnan(costs.breakeven_bps):
        return words.say("cost.unknown")
    if costs.breakeven_bps <= 0:
        return words.say("cost.hopeless")
    paid = 1e4 * (costs.fees + costs.slippage) / costs.notional
    if paid == 0.0:
        return words.say("cost.free", even=words.style.number(costs.breakeven_bps, 1))
    key = "cost.earns" if costs.net > 0 else "cost.loses"
    return words.say(key, even=words.style.number(costs.breakeven_bps, 1), paid=words.style.number(paid, 1))


def beyond_plan_sentence(trades: Records, words: ReportTexts) -> str:
    """Return the sentence on how often a loss was larger than planned, empty without trades.

    Parameters
    ----------
    trades : record array of `TRADE`
        Of all slots; ones without planned risk count as within it.

    Returns
    -------
    str
        Counts, and the worst loss as a multiple of its planned risk.
    """
    if len(trades) == 0:
        return ""
    planned = trades["planned_risk"]
    multiples = np.where(planned > 0, -trades["pnl"] / np.where(planned > 0, planned, 1.0), 0.0)
    n_beyond = int((multiples > 1.0).sum())
    return words.say(
        "trades.risk",
        n=words.style.number(n_beyond, 0),
        all=words.style.number(len(trades), 0),
        worst=words.style.number(max(float(multiples.max()), 0.0)),
    )
