"""What commands of models say in a terminal, in every language, and how they write its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from vigie.catalogue import NamedTexts, format_day
from vigie.intelligence.market.words import NumberFormatter, numbers_of
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from rich.table import Table

    from vigie.quant.stats.bootstrap import Interval

TEXTS: Final = NamedTexts("model_table", {
    "fold": "Fold", "from": "From", "rows": "Rows", "auc": "AUC", "brier": "Brier", "log_loss": "Log loss",
    "gained": "Log loss gained", "column": "Column", "added": "Log loss added when shuffled",
    "worse": "Folds worse", "path": "Path", "trades": "Trades", "sharpe": "Sharpe", "model": "Model",
    "stage": "Stage", "kind": "Kind", "market": "Market", "horizon": "Horizon", "result": "Result",
    "rises": "Tradable", "differs": "Differs", "then": "Then", "now": "Now", "chosen": "Columns chosen",
    "options": "Options found", "earned": "After costs",
    "stage_candidate": "candidate", "stage_shadow": "shadow", "stage_paper": "paper", "stage_demo": "demo",
    "stage_live": "live", "yes": "yes", "no": "no", "luck": "luck", "more_than_luck": "more than luck",
    "not_more_than_holding": "more than luck, not than holding",
    # In English they are typed.
    "kind_base_rate": "base_rate", "kind_last_outcome": "last_outcome", "kind_drift": "drift",
    "kind_logistic": "logistic", "kind_tree": "tree", "kind_forest": "forest", "kind_boosting": "boosting",
    "kind_network": "network", "kind_linear": "linear",
    "of": "{count} of {all}", "middle": "{number} (above)",
    "head": "{venue} {instrument} {timeframe}: {kind}, {asked}; {rows} rows of {columns}",
    "one_column": "1 column", "columns": "{count} columns",
    "asked_direction": "direction of the next {horizon} bars", "asked_return": "return of the next {horizon} bars",
    "asked_volatility": "volatility of the next {horizon} bars, and whether it is above its mean until then",
    "asked_rule": "whether a signal of {rule} reaches its target within {horizon} bars",
    "all": "All {rows} rows judged: AUC {auc}; against the usual rate, Brier score better by {brier} {brier_range}, "
           "log loss by {loss} {loss_range}.",
    "says_more": "It says more than the usual rate.",
    "says_nothing": "It says no more than the usual rate: the interval is not above 0.",
    "closer": "Against {yardstick}, R² {r2} {range}; mean error {error} instead of {other}.",
    "forecast": "A volatility is forecast, not traded.",
    "no_trade": "no trade", "sharpe_is": "Sharpe ratio {sharpe} [{low}, {high}]",
    "traded": "Traded with costs: {trades} trades, {sharpe}.",
    "no_funding": "No funding is stored, so none is charged.",
    "funding": "Funding is charged at {count} stored settlements.",
    "by_year": "By year, with the trades that ended in it: {years}.",
    "held_out": "The newest fifth of time is in no fold. The history counts {trials} more.",
    "one_trial": "one trial", "trials": "{count} trials",
    "left_out": "Left out, unknown here or for too long: {columns}",
    "outcomes": "the outcome was among those told to be possible in {outcomes} of rows (one alone in {single})",
    "covered": "Of {level}, {returns} of returns lay inside their interval (mean width {width}), and {outcomes}.",
    "covered_outcomes": "Of {level}, {outcomes}.",
    "card": "{name}/{version}, {stage}: {kind}, {asked} of {venue} {instrument} {timeframe}",
    "learned": "Learned from {rows} rows from {begin} to {end}; the newest fifth of time taught nothing.",
    "reads": "Reads {count}: {columns}",
    "stays_columns": "No account can follow it: it reads columns that accounts do not have ({columns}).",
    "stays_library": "It goes no further than the shadow: only its library scores it, and nothing that trades loads "
                     "that.",
    "stays_numbers": "No account can follow it: it is a yardstick, or a network of an earlier version that kept no "
                     "numbers.",
    "stays_odds": "No account can follow it: no odds that it gives promise more than costs.",
    "figures": "Gained against the usual rate: log loss {gain} {range}, Brier score {brier} {brier_range}; "
               "{trades} trades out of sample.",
    "missed": "Missed most when shuffled: {columns}.",
    "none": "No model yet: `vigie model train btc_day BTC` trains one.",
    "made": "Made by Vigie {vigie} from bars {bars}; files: {files}",
    "is_at": "{name}/{version} is at {stage} now.",
    "look": "The newest fifth of time (look {look} of its market): log loss gained {gain}, {trades} trades, "
            "Sharpe ratio {sharpe}.",
    "again": "{name}: every figure came out again.",
    "again_although": "{name}: every figure was reproduced, although the stored data of {columns} has changed since.",
    "differ": "{name}: {count} figures differ.",
    "more": "{count} more: `--json`",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """Writes in one language.

    Attributes
    ----------
    language : str
        A complete one.
    """

    language: str = "en"

    @property
    def numbers(self) -> NumberFormatter:
        """How numbers are written."""
        return numbers_of(self.language)

    def say(self, key: str, **values: object) -> str:
        """Return a text with its values."""
        return TEXTS[self.language][key].format(**values)

    def kind(self, name: str) -> str:
        """Return the name of a kind of model; as it is typed where it has no other."""
        return TEXTS[self.language].get(f"kind_{name}", name)

    def print(self, key: str, **values: object) -> None:
        """Print a text: no name in it is markup."""
        self.print_line(self.say(key, **values))

    def print_line(self, text: str) -> None:
        """Print a sentence as it is."""
        console().print(text, highlight=False, markup=False)

    def number(self, value: float | None, digits: int = 2, *, sign: bool = False) -> str:
        """Return a number; a dash where it is not known."""
        return self.numbers.number(float("nan") if value is None else value, digits, sign=sign)

    def count(self, value: int) -> str:
        """Return a whole number."""
        return self.numbers.number(value, 0)

    def columns(self, count: int) -> str:
        """Return how many columns there are."""
        return self.say("one_column") if count == 1 else self.say("columns", count=self.count(count))

    def share(self, value: float, *, sign: bool = False) -> str:
        """Return a share as per cent."""
        return self.numbers.percent(value, sign=sign)

    def between(self, low: float | None, high: float | None) -> str:
        """Return an interval."""
        ends = (self.number(value, 4, sign=True) for value in (low, high))
        return f"[{'; '.join(ends) if self.numbers.point == ',' else ', '.join(ends)}]"

    def interval(self, interval: Interval) -> str:
        """Return an interval."""
        return self.between(interval.low, interval.high)

    def day(self, ms: int) -> str:
        """Return the day of a time (UTC)."""
        when = datetime.fromtimestamp(ms / 1_000, UTC)
        return when.strftime("%Y-%m-%d") if self.language == "en" else format_day(when, self.language)

    def table(self, *names: str, right: slice = slice(0), has_box: bool = True) -> Table:
        """Return an empty table with these columns; those of a slice are written from the right."""
        from rich.table import Table

        headers = [self.say(name) for name in names]
        table = Table(*headers) if has_box else Table(*headers, box=None)
        for column in table.columns[right]:
            column.justify = "right"
        return table
