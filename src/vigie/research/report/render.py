"""A run and its notes as one HTML file that loads nothing from anywhere."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vigie.compiled import writable
from vigie.engine.run import Run
from vigie.research.report import drawings, refusals, sections, tables
from vigie.research.report.charts import BOX, HEIGHT, TOP
from vigie.research.report.curves import Curve, total_curve
from vigie.research.report.notes import ReportNotes
from vigie.research.report.numbers import day, moment
from vigie.research.report.payload import MAX_SLOT_CURVES, as_json, listed_trades, payload
from vigie.research.report.texts import Words, words_of

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
    words = words_of(language)
    whole = total_curve(run)
    curve = whole.thinned(TOTAL_POINTS)
    listed = listed_trades(run)
    data = payload(run, listed, curve, _script_words(words))
    quote = sections.quote_of(run, words)
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
        css=_text("report.css"),
        js=_script(),
        data=as_json(data),
        moment=moment,
        **_curves(whole, curve, words),
        **_costs(run, words),
        **_trades(run, listed, words),
        **_parts(run, notes, quote, words),
    )


def _parts(run: Run, notes: ReportNotes, quote: str, words: Words) -> dict[str, Any]:
    rows, total = tables.slot_rows(run, words)
    return {
        "lead": sections.lead(run, quote, words),
        "tiles": sections.tiles(run, quote, words),
        "verdict": sections.verdict_lines(notes.verdict, words) if notes.verdict else None,
        "slot_rows": rows,
        "slot_total": total,
        "strategy_rows": tables.group_rows(run, words, lambda slot: slot.plan.slot.strategy),
        "asset_rows": tables.group_rows(run, words, lambda slot: slot.plan.slot.instrument),
        "refusals": refusals.refusal_rows(run, words),
        "figures": tables.figure_groups(run.total, words),
        "rules": rules(run, words),
    }


def _curves(whole: Curve, curve: Curve, words: Words) -> dict[str, Any]:
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
            start=day(int(curve.ts[0])),
            end=day(int(curve.ts[-1]) - 1),
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
            deepest=style.percent(float(curve.drawdown[worst]), 2),
            when=day(int(curve.ts[worst])),
        ),
        "curve_rows": tables.month_ends(whole.ts, (whole.equity, whole.hold, 100 * whole.drawdown), words),
        "heat": heat,
        "heat_scale": scale,
        "month_names": words.say("months.names").split(),
    }


def _costs(run: Run, words: Words) -> dict[str, Any]:
    trades = np.concatenate([slot.trades for slot in run.slots])
    steps, costs = sections.waterfall(trades, words)
    return {
        "steps": steps,
        "costs": costs,
        "break_even": sections.break_even(costs, words),
        "beyond_plan": sections.beyond_plan(trades, words),
        "ends": tables.end_rows(trades, words),
    }


def _trades(run: Run, listed: Any, words: Words) -> dict[str, Any]:
    return {"listed": listed, "trades": tables.trade_rows(run, listed, words)}


def rules(run: Run, words: Words) -> list[str]:
    """Return how trades are simulated, in sentences."""
    style, account = words.style, run.account
    funded = any(len(slot.plan.funding.ts) for slot in run.slots)
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
        "funding" if funded else "no_funding",
        account.mode,
        "market",
    )
    said = [words.say(f"basis.rule.{name}", **values) for name in names]
    own = {slot.plan.slot.instrument: slot.plan.costs for slot in run.slots if slot.plan.own_fees}
    told = [
        words.say(
            "basis.rule.own_fees",
            instrument=name,
            taker=style.plain(100 * costs.taker),
            maker=style.plain(100 * costs.maker),
        )
        for name, costs in own.items()
    ]
    after = names.index("costs") + 1
    return [*said[:after], *told, *said[after:]]


def _script_words(words: Words) -> dict[str, str]:
    keys = [key for key in words.texts if key.startswith(("ui.", "reason.", "side."))]
    keys += [f"curve.{part}" for part in ("equity", "hold", "drawdown")]
    keys += [f"curve.{part}.alt" for part in ("equity", "versus", "drawdown")] + ["months.how", "slots.show"]
    said = {key: words.texts[key] for key in keys}
    return {**said, "language": words.language, "point": words.style.point, "group": words.style.group}


def _script() -> str:
    folder = resources.files("vigie.research.report") / "templates" / "js"
    parts = sorted(folder.iterdir(), key=lambda part: part.name)
    joined = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    return f'(() => {{\n"use strict";\n{joined}}})();'


def _text(name: str) -> str:
    return (resources.files("vigie.research.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    # Loaded here, so that commands which write no report do not pay for it.
    from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined

    # Compiling the templates takes a tenth of a short run; the cache goes by their text.
    folder = writable("templates")
    return Environment(
        loader=PackageLoader("vigie.research.report"),
        bytecode_cache=FileSystemBytecodeCache(str(folder)) if folder else None,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
