"""The drawings of formulas and of DeFi over time, and what they say to those who do not see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from vigie.domain.asset import WATCHED
from vigie.domain.errors import NotFound
from vigie.views.drawing.frame import Frame, legend_key
from vigie.views.drawing.lines import Line, lines_chart
from vigie.views.drawing.marks import Mark
from vigie.views.web.pages.asset import happened
from vigie.views.web.visit import Visit

# Series that are about one asset, and those of them that are about all.
OF_ASSETS: Final = ("market", "onchain", "stablecoins")
OF_ALL: Final = ("global", "total")
# Units that stand beside the values: a sign, per cent, or none.
_SAID: Final = ("", "usd", "eur", "index", "ratio", "fraction", "rate", "change")
NAMES: Final = {asset.id: asset.name for asset in WATCHED}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart: lines of one unit."""

    title: str
    description: str
    unit: str
    svg: str
    legend: list[tuple[Markup, str, str]]


def marked_of(visit: Visit, answer: Any) -> dict[str, Any]:
    """Return which news are marked on a chart of formulas: those about the assets that its series are of."""
    named = dict.fromkeys(
        asset for line in answer.lines for name in line.series if (asset := _asset_of(name))
    )
    start = min((row["ts"] for row in answer.rows), default=None) if named else None
    try:
        return happened.of_assets(visit, ",".join(named), start)
    except NotFound:
        # What no asset has, such as a chain without a coin of that name, has no news either.
        return happened.of_assets(visit, "", None)


def _asset_of(series: str) -> str:
    topic, _, rest = series.partition("/")
    subject = rest.rpartition("/")[0]
    return subject if topic in OF_ASSETS and subject not in OF_ALL else ""


def charts_of(
    visit: Visit,
    answer: Any,
    framed: Callable[[str, str, str], Frame],
    marks: Sequence[Mark] = (),
    more: str = "",
) -> list[Drawn]:
    """Return a chart for each unit of an answer of ``onchain.formula``, all over the same time.

    Parameters
    ----------
    framed : callable
        Makes the frame of a name, a title and a description.
    marks : sequence of Mark
        Of news, on each chart; `more` leads to all of them.
    """
    by_unit: dict[str, list[Any]] = {}
    for line in answer.lines:
        by_unit.setdefault(line.unit, []).append(line)
    made = []
    for place, (unit, held) in enumerate(by_unit.items()):
        if all(line.last.value is None for line in held):
            continue
        title = title_of(visit, held)
        said = description_of(visit, answer, held)
        lines = [_line(answer, line) for line in held]
        svg = lines_chart(
            lines,
            frame=framed(f"formula-{place}", title, said),
            unit=drawn_unit(unit),
            marks=marks,
            more=more,
        )
        legend = [
            (Markup(legend_key(at + 1)), name_of(visit, line), written(visit, line, line.last.value))  # noqa: S704 - drawn from a number
            for at, line in enumerate(held)
        ]
        made.append(Drawn(title, said, unit, svg, legend))
    return made


def drawn_unit(unit: str) -> str:
    """Return how a unit is written beside a chart."""
    return "fraction" if unit == "change" else unit if unit in ("usd", "eur", "fraction", "rate") else "index"


def written(visit: Visit, line: Any, value: float | None) -> str:
    """Write a value of a line: money of which all series are sums has cents."""
    return visit.tongue.unit(value, line.unit, is_amount=visit.tongue.is_amount(*line.series))


def title_of(visit: Visit, lines: Sequence[Any]) -> str:
    """Return what a chart of some lines is called: their formulas, and the unit where it has a name."""
    unit = lines[0].unit
    names = ", ".join(name_of(visit, line) for line in lines)
    return names if unit in _SAID else f"{names} ({visit.text(unit)})"


def name_of(visit: Visit, line: Any) -> str:
    """Return what a line is called: a series by its title, anything else by its formula."""
    if not line.subject:
        return str(line.title).replace(",", ", ")
    subject = subject_of(visit, line.series[0], line.subject)
    return visit.text("{title}: {subject}").format(title=visit.text(line.title), subject=subject)


def subject_of(visit: Visit, series: str, subject: str) -> str:
    """Return what a series is about as people say it; its id where nobody gave it a name."""
    if subject in OF_ALL:
        topic = series.partition("/")[0]
        return {"stablecoins": visit.text("all stablecoins"), "defi": visit.text("all of DeFi")}.get(
            topic, visit.text("the whole market")
        )
    areas = {"euro": visit.text("Euro area"), "us": visit.text("United States")}
    return (areas if series.startswith("macro/") else NAMES).get(subject, subject)


def description_of(visit: Visit, answer: Any, lines: Sequence[Any]) -> str:
    """Return first, last, lowest and highest value of each line in words."""
    pattern = visit.text("{line}: first {first}, last {last}, lowest {low}, highest {high}")
    parts = []
    for line in lines:
        values = [row[line.key] for row in answer.rows if row.get(line.key) is not None]
        if values:
            said = {
                key: written(visit, line, value)
                for key, value in (
                    ("first", values[0]), ("last", values[-1]), ("low", min(values)), ("high", max(values)),
                )
            }  # fmt: skip
            parts.append(pattern.format(line=name_of(visit, line), **said))
    return "; ".join(parts) if parts else visit.text("Nothing is known of this time.")


def _line(answer: Any, line: Any) -> Line:
    rows = [row for row in answer.rows if row.get(line.key) is not None]
    ts = np.array([row["ts"] for row in rows], dtype=np.int64)
    return Line(line.title, ts, np.array([row[line.key] for row in rows], dtype=np.float64))
