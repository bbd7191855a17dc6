"""A learned model as a strategy file: its numbers, its columns and its thresholds in one text that is pinned by hash.

The file reads bars and columns like any other strategy; what it needs of Vigie calculates. Size, stop, target and time
stop are the account's: a model decides entry and exit only, and one that judges a rule's signals skips, nothing else.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final, Literal, TypeAlias

from vigie.data.feature_columns import reads_others
from vigie.domain.errors import UsageError
from vigie.domain.learned import LearnedFit
from vigie.domain.time import iso
from vigie.ports.home import ResultsHome
from vigie.quant import models
from vigie.quant.features import registry
from vigie.quant.models.storing import to_text
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_files import NUMBERS, StoredModel
from vigie.services.learning.row_choices import check_rule
from vigie.trading.catalogue import available, load_file
from vigie.trading.loaded_strategy import Strategy

STRATEGY_PREFIX: Final = "model_"
FILTER_PREFIX: Final = "meta_"
# It kept no numbers, only its library scores it, it reads what accounts lack, or no odds promise more than costs.
Obstacle: TypeAlias = Literal["", "numbers", "library", "columns", "odds"]
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
{imports}

TIMEFRAME = {timeframe}
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
    """Bars before every column has a value{warmup_more}."""
    return {warmup}


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar; where a column is not known nothing is decided."""
    rows = np.column_stack([bars.feature(name) for name in COLUMNS])
    odds = SLOPE * from_text(NUMBERS, len(COLUMNS)).scores(rows) + INTERCEPT
{answer}
'''
_FILTER: Final = """    reached = is_above("{criterion}", odds, {value!r}, or_equal=True)
    said = rule.criteria(bars, rule.Params())
    return Criteria(
        (*said.long, reached) if said.long else (), (*said.short, reached) if said.short else (),
        said.long_exit, said.short_exit, said.stop_distance, said.target_distance,
    )"""
# What is compared with the thresholds; the shadow finds it by its name.
ODDS_OF_RISE: Final = "Log-odds of a rise"
ODDS_OF_TARGET: Final = "Log-odds of reaching the target"


def strategy_name(model: str, rule: str) -> str:
    """Return the name of the strategy that a model is, or that a rule is whose signals it judges."""
    return f"{FILTER_PREFIX}{rule}_{model}" if rule else STRATEGY_PREFIX + model


def strategy_of(fit: LearnedFit) -> str:
    """Return the name of the strategy of a fit."""
    return strategy_name(fit.experiment, LearnedCard.model_validate(fit.card).rule)


def refuse_unfit_for_accounts(stored: StoredModel, fit: LearnedFit) -> None:
    """Refuse a model that an account cannot follow: it reads what accounts have not, or would never trade.

    Raises
    ------
    UsageError
        With the columns by name.
    """
    unknown = beyond_accounts(stored.card)
    if unknown:
        raise UsageError(
            "model_reads_what_accounts_lack",
            "{name} reads {columns}, which an account that trades does not have; train it anew, or with others, such "
            "as --columns {others}",
            name=fit.experiment,
            columns=", ".join(unknown),
            others=",".join([name for name in stored.card.columns if name not in unknown][:MOST_NAMED])
            or "price.return_24",
        )
    if not sides_of(stored.card):
        raise UsageError(
            "model_never_trades",
            "{name} {version} never trades: no odds that it gives promise more than costs",
            name=fit.experiment,
            version=fit.version,
        )


def strategy_path(results: ResultsHome, fit: LearnedFit) -> Path:
    """Return where the strategy file of a model lies, once the model stands above candidate."""
    return results.strategies / f"{strategy_of(fit)}.py"


def load_model_strategy(results: ResultsHome, fit: LearnedFit) -> Strategy:
    """Load the strategy of a model whose file is the one that its training wrote.

    Raises
    ------
    UsageError
        If the file is another one, or missing; or if the rule whose signals it judges is another one by now.
    """
    path = strategy_path(results, fit)
    content = path.read_bytes() if path.is_file() else b""
    refuse_other_file(path.name, hashlib.sha256(content).hexdigest(), fit)
    return load_file(path, digest=strategy_digest(fit))


def strategy_digest(fit: LearnedFit) -> str:
    """Return the SHA-256 of the strategy file that a training wrote; empty where it wrote none."""
    return {file.name: file.sha256 for file in fit.files}.get(STRATEGY_FILE, "")


def refuse_other_file(file: str, digest: str, fit: LearnedFit) -> None:
    """Refuse a strategy file that is not the one that a training wrote, or whose rule has changed since.

    Raises
    ------
    UsageError
        With what to do.
    """
    refuse_changed_rule(LearnedCard.model_validate(fit.card))
    if digest != strategy_digest(fit):
        raise UsageError(
            "model_strategy_changed",
            "{file} is not the file of {name} {version}: take the model back to candidate and promote it again",
            file=file,
            name=fit.experiment,
            version=fit.version,
        )


def refuse_changed_rule(card: LearnedCard) -> None:
    """Refuse a model whose rule is another one than it was when its signals were judged.

    Raises
    ------
    UsageError
        With what to do.
    """
    if has_changed_rule(card):
        raise UsageError(
            "model_rule_changed",
            "{rule}, whose signals {name} {version} judges, has changed since: train the model anew",
            rule=card.rule,
            name=card.name,
            version=card.version,
        )


def has_changed_rule(card: LearnedCard) -> bool:
    """Return whether a model judges the signals of a rule that is another one than it was then."""
    return bool(card.rule) and rule_digest(card.rule) != card.rule_digest


def rule_digest(rule: str) -> str:
    """Return the SHA-256 of a shipped strategy's file; empty without a name."""
    return hashlib.sha256(available()[rule].read_bytes()).hexdigest() if rule in available() else ""


def render_strategy(stored: StoredModel) -> str:
    """Return the text of the strategy file of a model that accounts can follow."""
    card, columns, text = stored.card, registry(), to_text(stored.scorer)
    if card.rule:
        check_rule(card.rule)
    warmup = str(max(columns[name].lookback for name in card.columns) + 1)
    learned = (
        f"signals of {card.rule} that reach their target within {card.horizon} bars"
        if card.rule
        else f"{card.label} of the next {card.horizon} bars"
    )
    return _FILE.format(
        title=_words(f"{card.name} {card.version}: {learned}, {card.kind}."),
        market=_words(f"{card.market.venue} {', '.join(card.instruments)} {card.market.timeframe}"),
        until=iso(card.learned_from.until_ms)[:10],
        name=_words(card.name),
        verdict=_words(f"{card.verdict}. {card.remark.rstrip('.')}" if card.remark else card.verdict),
        imports=_imports(stored),
        timeframe=json.dumps(card.market.timeframe),
        columns="\n".join(f'    "{name}",' for name in card.features),
        slope=card.score.slope,
        intercept=card.score.intercept,
        numbers="\n".join(f"    {text[start : start + _WIDTH]!r}" for start in range(0, len(text), _WIDTH)),
        warmup=f"max({warmup}, rule.warmup(rule.Params()))" if card.rule else warmup,
        warmup_more=" and the rule can decide" if card.rule else "",
        answer=_filtered(card) if card.rule else _directed(stored),
    )


def _words(text: str) -> str:
    """Return a text that does not end the docstring that it stands in."""
    return text.replace("\\", "").replace('"', "")


def _imports(stored: StoredModel) -> str:
    if stored.card.rule:
        rule = f"from vigie.trading.strategies import {stored.card.rule} as rule"
        return f"{rule}\nfrom vigie.trading.strategy import is_above"
    functions = ", ".join(function for _, function, _ in sides_of(stored.card))
    return f"from vigie.trading.strategy import {functions}"


def _filtered(card: LearnedCard) -> str:
    return _FILTER.format(criterion=ODDS_OF_TARGET, value=card.score.long_from)


def _directed(stored: StoredModel) -> str:
    sides = sides_of(stored.card)
    rules = [
        f'    {side} = ({function}("{ODDS_OF_RISE}", odds, {value!r}, or_equal=True),)'
        for side, function, value in sides
    ]
    known = [name for name, _, _ in sides]
    answers = ", ".join(f"{side}={side if side in known else '()'}" for side in ("long", "short"))
    return "\n".join([*rules, f"    return Criteria({answers})"])


def find_obstacle(card: LearnedCard, fit: LearnedFit) -> Obstacle:
    """Return why no account could follow a model; empty where one could."""
    files = {file.name for file in fit.files}
    if STRATEGY_FILE in files:
        return ""
    if NUMBERS not in files:
        return "numbers"
    if beyond_accounts(card):
        return "columns"
    return "library" if sides_of(card) else "odds"


def is_fit_for_accounts(stored: StoredModel) -> bool:
    """Return whether an account could follow a model; `refuse_unfit_for_accounts` and `needs_library` say why not."""
    card = stored.card
    return not needs_library(card) and not beyond_accounts(card) and bool(sides_of(card))


def needs_library(card: LearnedCard) -> str:
    """Return the library that a model is scored by; empty where it needs none."""
    return models.registry()[card.kind].scored_by


def beyond_accounts(card: LearnedCard) -> list[str]:
    """Return the columns that a model reads and an account that trades does not have."""
    # Cards of earlier versions do not name the instruments that the market was made of.
    columns, has_peers = registry(), bool(card.peers)
    return [
        name
        for name in card.columns
        if name not in columns or (reads_others(columns[name]) and not has_peers)
    ]


def sides_of(card: LearnedCard) -> list[tuple[str, str, float]]:
    """Return each side that some odds trade, with its comparison and threshold; empty where a model never trades.

    An entry of the other side ends a trade: no exit of its own is needed.
    """
    # Of a signal only one answer is of use: that it reaches its target. What is learned of it knows no side.
    short_from = None if card.rule else card.score.short_from
    sides = (("long", "is_above", card.score.long_from), ("short", "is_below", short_from))
    return [(side, function, value) for side, function, value in sides if value is not None]
