"""A run and its notes as one HTML file that loads nothing from anywhere."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vigie.drawing.curves import BOX, HEIGHT, TOP
from vigie.engine.run import Run
from vigie.research.report import drawings, refusals, sections, tables
from vigie.research.report.curves import AccountCurve, total_curve
from vigie.research.report.notes import ReportNotes
from vigie.research.report.numbers import DRAWDOWN_DIGITS, format_day, format_time
from vigie.research.report.payload import MAX_SLOT_CURVES, build_payload, listed_trades, script_json
from vigie.research.report.texts import ReportTexts, report_texts
from vigie.template_cache import template_cache

if TYPE_CHECKING:
    from jinja2 import Environment

TOTAL_POINTS: Final = 600
# Rows drawn before scripts take over; the others are in the file and shown without scripts.
FIRST_ROWS: Final = 50
_NAV: Final = ("curves", "months", "costs", "slots", "trades", "refusals", "basis", "figures")
_GLOSSARY: Final = "slot bar criterion stop funding slippage bps dsr pbo".split()


def render_report(run: Run, *, notes: ReportNotes, language: str = "en") -> str:
    """Return the report of a run as one HTML file.

    Parameters
    ----------
    run : Run
        What to report.
    notes : ReportNotes
        Title, origin, settings, verdict, what changed.
    language : str
        ``en`` or ``fr``.

    Returns
    -------
    str
        HTML with styles, scripts and data inside; it makes no request.

    Raises
    ------
    UsageError
        If the language is not spoken.
    """
    words = report_texts(language)
    full_curve = total_curve(run)
    curve = full_curve.thin(TOTAL_POINTS)
    listed = listed_trades(run)
    data = build_payload(run, listed, curve, _script_words(words))
    quote = sections.quote_currency(run, words)
    page = _environment().get_template("report.html.j2")
    return page.render(
        w=words,
        say=words.say,
        run=run,
        notes=notes,
        quote=quote,
        nav=_NAV,
        glossary=_GLOSSARY,
        box=BOX,
        top=TOP,
        height=HEIGHT,
        first_rows=FIRST_ROWS,
        has_slot_curves=len(run.slots) <= MAX_SLOT_CURVES,
        css=_read_template("report.css"),
        js=_script(),
        data=script_json(data),
        moment=format_time,
        **_curve_values(full_curve, curve, words),
        **_cost_values(run, words),
        **_trade_values(run, listed, words),
        **_section_values(run, notes, quote, words),
    )


def _section_values(run: Run, notes: ReportNotes, quote: str, words: ReportTexts) -> dict[str, Any]:
    rows, total = tables.slot_rows(run, words)
    return {
        "lead": sections.lead_sentences(run, quote, words),
        "tiles": sections.report_tiles(run, quote, words),
        "verdict": sections.verdict_lines(notes.verdict, words) if notes.verdict else None,
        "slot_rows": rows,
        "slot_total": total,
        "strategy_rows": tables.group_rows(run, words, lambda slot: slot.plan.slot.strategy),
        "asset_rows": tables.group_rows(run, words, lambda slot: slot.plan.slot.instrument),
        "refusals": refusals.refusal_rows(run, words),
        "figures": tables.figure_groups(run.total, words),
        "rules": rule_sentences(run, words),
    }


def _curve_values(full_curve: AccountCurve, curve: AccountCurve, words: ReportTexts) -> dict[str, Any]:
    style = words.style
    heat, scale = drawings.heat_rows(curve.months, words)
    worst = int(np.argmin(curve.drawdown))
    return {
        "curve": curve,
        "equity": drawings.equity_drawing(curve, words),
        "versus": drawings.versus_drawing(curve, words),
        "drawdown": drawings.drawdown_drawing(curve, words),
        "equity_alt": words.say(
            "curve.equity.alt",
            start=format_day(int(curve.ts[0])),
            end=format_day(int(curve.ts[-1]) - 1),
            first=style.number(float(curve.equity[0])),
            last=style.number(float(curve.equity[-1])),
            low=style.number(float(curve.equity.min())),
            high=style.number(float(curve.equity.max())),
        ),
        "versus_alt": words.say(
            "curve.versus.alt",
            account=style.number(float(curve.equity[-1])),
            hold=style.number(float(curve.hold[-1])),
            low=style.number(float(curve.hold.min())),
            high=style.number(float(curve.hold.max())),
        ),
        "drawdown_alt": words.say(
            "curve.drawdown.alt",
            deepest=style.percent(float(curve.drawdown[worst]), DRAWDOWN_DIGITS),
            when=format_day(int(curve.ts[worst])),
        ),
        "curve_rows": tables.month_ends(
            full_curve.ts, (full_curve.equity, full_curve.hold, 100 * full_curve.drawdown), words
        ),
        "heat": heat,
        "heat_scale": scale,
        "month_names": words.say("months.names").split(),
    }


def _cost_values(run: Run, words: ReportTexts) -> dict[str, Any]:
    trades = np.concatenate([slot.trades for slot in run.slots])
    steps, costs = sections.waterfall(trades, words)
    return {
        "steps": steps,
        "costs": costs,
        "break_even": sections.break_even_sentence(costs, words),
        "beyond_plan": sections.beyond_plan_sentence(trades, words),
        "ends": tables.end_rows(trades, words),
    }


def _trade_values(run: Run, listed: Any, words: ReportTexts) -> dict[str, Any]:
    return {"listed": listed, "trades": tables.trade_rows(run, listed, words)}


def rule_sentences(run: Run, words: ReportTexts) -> list[str]:
    """Return how trades are simulated, in sentences.

    Parameters
    ----------
    run : Run
        Its costs, sizing and mode fill the sentences.

    Returns
    -------
    list of str
        In reading order; slots with fees of their own follow the costs.
    """
    style, account = words.style, run.account
    has_funding = any(len(slot.plan.funding.ts) for slot in run.slots)
    values = {
        "taker": style.plain(100 * account.costs.taker),
        "maker": style.plain(100 * account.costs.maker),
        "slippage": style.plain(account.costs.slippage_bps),
        "risk": style.percent(account.sizing.risk_fraction, 2),
        "leverage": style.plain(account.sizing.leverage),
    }
    names = (
        "decide",
        "inside",
        "levels",
        "costs",
        "size",
        "funding" if has_funding else "no_funding",
        account.mode,
        "market",
    )
    sentences = [words.say(f"basis.rule.{name}", **values) for name in names]
    own_fees = {slot.plan.slot.instrument: slot.plan.costs for slot in run.slots if slot.plan.own_fees}
    fee_sentences = [
        words.say(
            "basis.rule.own_fees",
            instrument=name,
            taker=style.plain(100 * costs.taker),
            maker=style.plain(100 * costs.maker),
        )
        for name, costs in own_fees.items()
    ]
    after = names.index("costs") + 1
    return [*sentences[:after], *fee_sentences, *sentences[after:]]


def _script_words(words: ReportTexts) -> dict[str, str]:
    keys = [key for key in words.texts if key.startswith(("ui.", "reason.", "side."))]
    keys += [f"curve.{part}" for part in ("equity", "hold", "drawdown")]
    keys += [f"curve.{part}.alt" for part in ("equity", "versus", "drawdown")] + ["months.how", "slots.show"]
    texts = {key: words.texts[key] for key in keys}
    marks = {
        "point": words.style.point,
        "group": words.style.group,
        "percent": f"{words.style.before_percent}%",
    }
    return {**texts, "language": words.language, **marks}


def _script() -> str:
    folder = resources.files("vigie.research.report") / "templates" / "js"
    parts = sorted(folder.iterdir(), key=lambda part: part.name)
    joined = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    return f'(() => {{\n"use strict";\n{joined}}})();'


def _read_template(name: str) -> str:
    return (resources.files("vigie.research.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    # Loaded here, so that commands which write no report do not pay for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("vigie.research.report"),
        bytecode_cache=template_cache(),  # making Python of the templates takes a tenth of a short run
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
