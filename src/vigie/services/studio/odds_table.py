"""A board's table of odds: what the newest promoted model of each asset says, with its record."""

from __future__ import annotations

from vigie.domain.errors import NotFound
from vigie.services.operation import Table
from vigie.services.rows import Row
from vigie.services.studio.board import BoardColumn, TablePart
from vigie.services.studio.plan import BoardPlan, PartPlan
from vigie.services.studio.wording import format_word, join_names


def odds_table(odds: Table[Row], plan: BoardPlan, part: PartPlan) -> TablePart:
    """Fill a table with an answer of ``models.odds``; without a promoted model nothing is shown."""
    language = plan.language
    rows = [row for row in odds.rows if row["probability"] is not None]
    if not rows:
        raise NotFound("no_edge_found", "no edge found: no model of {assets} has passed", assets=part.assets)
    return TablePart(
        title=part.title or format_word(language, "odds", names=join_names(language, [row["name"] for row in rows])),
        columns=(
            BoardColumn(format_word(language, "asset")),
            BoardColumn(format_word(language, "probability"), "number", "%"),
            BoardColumn(format_word(language, "usual"), "number", "%"), BoardColumn(format_word(language, "model")),
            BoardColumn(format_word(language, "verdict")),
        ),
        rows=tuple(
            (row["name"], *(_per_cent(row[name]) for name in ("probability", "usual")), row["model"],
             format_word(language, _verdict(row)))
            for row in rows
        ),
    )  # fmt: skip


def _verdict(row: Row) -> str:
    """Return what a record is: more than luck alone is not more than holding."""
    if row["is_luck"]:
        return "luck"
    return "not_more_than_holding" if row["beats_holding"] is False else "more_than_luck"


def _per_cent(probability: float) -> float:
    """Return a probability as it is written: it is not known better than a tenth of a per cent."""
    return round(100.0 * probability, 1)
