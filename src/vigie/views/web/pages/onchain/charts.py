"""The drawings of formulas and of DeFi over time, and what they say to those who do not see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from vigie.views.drawing.frame import Frame, legend_key
from vigie.views.drawing.lines import Line, lines_chart
from vigie.views.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart: lines of one unit."""

    title: str
    description: str
    unit: str
    svg: str
    legend: list[tuple[Markup, str, str]]


def charts_of(visit: Visit, answer: Any, framed: Callable[[str, str, str], Frame]) -> list[Drawn]:
    """Return a chart for each unit of an answer of ``onchain.formula``, all over the same time.

    Parameters
    ----------
    framed : callable
        Makes the frame of a name, a title and a description.
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
        svg = lines_chart(lines, frame=framed(f"formula-{place}", title, said), unit=drawn_unit(unit))
        legend = [
            (Markup(legend_key(at + 1)), name_of(visit, line), visit.tongue.unit(line.last.value, unit))  # noqa: S704 - drawn from a number
            for at, line in enumerate(held)
        ]
        made.append(Drawn(title, said, unit, svg, legend))
    return made


def drawn_unit(unit: str) -> str:
    """Return how a unit is written beside a chart."""
    return unit if unit in ("usd", "eur", "fraction", "rate") else "index"


def title_of(visit: Visit, lines: Sequence[Any]) -> str:
    """Return what a chart of some lines is called: their formulas, and the unit where it has a name."""
    unit = lines[0].unit
    names = ", ".join(name_of(visit, line) for line in lines)
    return names if unit in ("", "usd", "eur", "index", "ratio") else f"{names} ({visit.text(unit)})"


def name_of(visit: Visit, line: Any) -> str:
    """Return what a line is called: a series by its title, anything else by its formula."""
    if not line.subject:
        return str(line.title).replace(",", ", ")
    return f"{visit.text(line.title)}: {line.subject}"


def description_of(visit: Visit, answer: Any, lines: Sequence[Any]) -> str:
    """Return first, last, lowest and highest value of each line in words."""
    pattern = visit.text("{line}: first {first}, last {last}, lowest {low}, highest {high}")
    parts = []
    for line in lines:
        values = [row[line.key] for row in answer.rows if row.get(line.key) is not None]
        if values:
            said = {
                key: visit.tongue.unit(value, line.unit)
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
