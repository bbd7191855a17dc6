"""A learned model as a strategy file: its numbers, its columns and its thresholds in one text that is pinned by hash.

The file reads bars and columns like any other strategy; what it needs of Vigie calculates. Size, stop, target and time
stop are the account's: a model decides entry and exit only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from vigie.data.feature_columns import PREFIX, is_in_accounts
from vigie.domain.errors import UsageError
from vigie.domain.learned import LearnedFit
from vigie.domain.time import iso
from vigie.ports.home import ResultsHome
from vigie.quant.features import registry
from vigie.quant.models.storing import to_text
from vigie.services.learning.model_files import StoredModel
from vigie.trading.catalogue import load_file
from vigie.trading.loaded_strategy import Strategy

STRATEGY_PREFIX: Final = "model_"
# In the folder of a model's version; the strategy of that name is a copy.
STRATEGY_FILE: Final = "strategy.py"
_WIDTH: Final = 100
# Columns that a refusal offers, each whole.
MOST_NAMED: Final = 5
_FILE: Final = '''"""{title}

Source: learned in this home from {market} until {until}; columns and figures: `vigie model show {name}`.
Judged on rows that it was not fitted on: {verdict}.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.models.storing import from_text
from vigie.trading.strategy import {imports}

TIMEFRAME = "{timeframe}"
COLUMNS = (
{columns}
)
SLOPE, INTERCEPT = {slope!r}, {intercept!r}
NUMBERS = (
{numbers}
)


@dataclass(frozen=True, slots=True)
class Params:
    """None: what was learned is fixed."""


def warmup(params: Params) -> int:
    """Bars before every column has a value."""
    return {warmup}


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar; where a column is not known nothing is decided."""
    rows = np.column_stack([bars.feature(name) for name in COLUMNS])
    odds = SLOPE * from_text(NUMBERS, len(COLUMNS)).scores(rows) + INTERCEPT
{rules}
    return Criteria({answers})
'''


def strategy_name(model: str) -> str:
    """Return the name of the strategy that a model is."""
    return STRATEGY_PREFIX + model


def refuse_unfit_for_accounts(stored: StoredModel, fit: LearnedFit) -> None:
    """Refuse a model that an account cannot follow: it reads what accounts have not, or would never trade.

    Raises
    ------
    UsageError
        With the columns by name.
    """
    unknown = _beyond_accounts(stored)
    if unknown:
        raise UsageError(
            "model_reads_what_accounts_lack",
            "{name} reads {columns}, which an account that trades does not have; train it with others, such as "
            "--columns {others}",
            name=fit.experiment,
            columns=", ".join(unknown),
            others=",".join([name for name in stored.card.columns if name not in unknown][:MOST_NAMED])
            or "price.return_24",
        )
    if _never_trades(stored):
        raise UsageError(
            "model_never_trades",
            "{name} {version} never trades: no odds that it gives promise more than costs",
            name=fit.experiment,
            version=fit.version,
        )


def model_of_strategy(strategy: str) -> str:
    """Return the model that a strategy is by its name; empty where it is none."""
    return strategy.removeprefix(STRATEGY_PREFIX) if strategy.startswith(STRATEGY_PREFIX) else ""


def strategy_path(results: ResultsHome, name: str) -> Path:
    """Return where the strategy file of a model lies, once the model stands above candidate."""
    return results.strategies / f"{strategy_name(name)}.py"


def load_model_strategy(results: ResultsHome, fit: LearnedFit) -> Strategy:
    """Load the strategy of a model whose file is the one that its training wrote.

    Raises
    ------
    UsageError
        If the file is another one, or missing.
    """
    path = strategy_path(results, fit.experiment)
    content = path.read_bytes() if path.is_file() else b""
    refuse_other_file(path.name, hashlib.sha256(content).hexdigest(), fit)
    return load_file(path, digest=strategy_digest(fit))


def strategy_digest(fit: LearnedFit) -> str:
    """Return the SHA-256 of the strategy file that a training wrote; empty where it wrote none."""
    return {file.name: file.sha256 for file in fit.files}.get(STRATEGY_FILE, "")


def refuse_other_file(file: str, digest: str, fit: LearnedFit) -> None:
    """Refuse a strategy file that is not the one that a training wrote.

    Raises
    ------
    UsageError
        With what to do.
    """
    if digest != strategy_digest(fit):
        raise UsageError(
            "model_strategy_changed",
            "{file} is not the file of {name} {version}: take the model back to candidate and promote it again",
            file=file,
            name=fit.experiment,
            version=fit.version,
        )


def render_strategy(stored: StoredModel) -> str:
    """Return the text of the strategy file of a model that accounts can follow."""
    card, columns, text = stored.card, registry(), to_text(stored.scorer)
    sides = _sides(stored)
    return _FILE.format(
        title=f"{card.name} {card.version}: direction of the next {card.horizon} bars, {card.kind}.",
        market=f"{card.market.venue} {card.market.instrument} {card.market.timeframe}",
        until=iso(card.learned_from.until_ms)[:10],
        name=card.name,
        verdict=card.verdict,
        imports=", ".join(function for _, function, _ in sides),
        timeframe=card.market.timeframe,
        columns="\n".join(f'    "{PREFIX}{name}",' for name in card.columns),
        slope=card.score.slope,
        intercept=card.score.intercept,
        numbers="\n".join(f"    {text[start : start + _WIDTH]!r}" for start in range(0, len(text), _WIDTH)),
        warmup=max(columns[name].lookback for name in card.columns) + 1,
        rules="\n".join(
            f'    {side} = ({function}("Log-odds of a rise", odds, {value!r}, or_equal=True),)'
            for side, function, value in sides
        ),
        answers=", ".join(
            f"{side}={side if side in [name for name, _, _ in sides] else '()'}" for side in ("long", "short")
        ),
    )


def is_fit_for_accounts(stored: StoredModel) -> bool:
    """Return whether an account could follow a model; `refuse_unfit_for_accounts` says why not."""
    return not _beyond_accounts(stored) and not _never_trades(stored)


def _beyond_accounts(stored: StoredModel) -> list[str]:
    columns = registry()
    return [name for name in stored.card.columns if name not in columns or not is_in_accounts(columns[name])]


def _never_trades(stored: StoredModel) -> bool:
    return not _sides(stored)


def _sides(stored: StoredModel) -> list[tuple[str, str, float]]:
    """Return each side that some odds trade, with its comparison and threshold.

    An entry of the other side ends a trade: no exit of its own is needed.
    """
    score = stored.card.score
    sides = (("long", "is_above", score.long_from), ("short", "is_below", score.short_from))
    return [(side, function, value) for side, function, value in sides if value is not None]
