"""Series of facts as features of bars: which series a name means, and its values as known at each close.

``news.sentiment.btc`` is the series ``news/bitcoin/sentiment_index``, ``news.items.market`` counts items,
``news.topic.hack.eth`` those of a topic, ``sentiment.fear_greed_index`` and ``macro.us.cpi_year_fraction`` are those
series themselves. ``derivatives.funding.btc`` is the funding rate on the venue with the longest past, as are
``open_interest``, ``basis``, ``liquidations_long`` and ``liquidations_short``; ``onchain.mvrv.btc`` and
``market.price.btc`` are of the asset. An asset is named by its ticker or its catalogue id. ``plan.side`` and its like
are what a person's plan says for the instrument whose bars are read, in one account: nobody else has them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from vigie.data.asof import add_feature
from vigie.data.feature_columns import add_columns, recorded_features
from vigie.data.other_closes import add_closes
from vigie.domain.asset import WATCHED
from vigie.domain.bar import Bars
from vigie.ports.facts import FactStore
from vigie.ports.store import BarStore

if TYPE_CHECKING:
    from polars import DataFrame

# Settlements of the instrument itself: a run is given them, no series of facts holds them.
FUNDING_RATE: Final = "funding_rate"
MARKET: Final = "market"
_IDS: Final = {asset.symbol.lower(): asset.id for asset in WATCHED}
_TICKERS: Final = {asset: ticker for ticker, asset in _IDS.items()}
_ENDS: Final = {"sentiment": "sentiment_index", "items": "items_count"}
# Of the venue with the longest past of all of them.
_DERIVATIVES: Final = {
    "funding": "funding_fraction", "open_interest": "open_interest_coins", "basis": "basis_fraction",
    "liquidations_long": "liquidations_long_usd", "liquidations_short": "liquidations_short_usd",
}  # fmt: skip
# What a plan is made of; `armed` is its number, so that the same plan is tried once.
PLAN_MEASURES: Final = ("side", "low", "high", "stop", "target", "until", "armed")
_PLAN: Final = "plan"
_OF_ASSET: Final = {("onchain", "mvrv"): "cap_mvrv_cur", ("market", "price"): "price_usd"}


def plan_series(plan_key: str, instrument: str, measure: str) -> str:
    """Return the series that holds what an account's plans say for an instrument.

    Parameters
    ----------
    plan_key : str
        Of the account, as its run keeps it: a name that nobody else knows.
    measure : str
        One of `PLAN_MEASURES`.
    """
    return f"{_PLAN}/{plan_key}:{instrument}/{measure}"


def is_plan_series(series: str) -> bool:
    """Return whether a series of facts holds what somebody plans: it is theirs alone and stands in no list."""
    return series.startswith(f"{_PLAN}/")


def is_plan_feature(name: str) -> bool:
    """Return whether a feature is what a plan says."""
    return name.startswith(f"{_PLAN}.") and name.removeprefix(f"{_PLAN}.") in PLAN_MEASURES


def feature_series(name: str, plan_key: str = "", instrument: str = "") -> str:
    """Return the series of facts that a feature is; empty where it is none.

    Parameters
    ----------
    name : str
        As a strategy reads it.
    plan_key, instrument : str
        Whose plans are read, and for what; plans are nothing without.
    """
    if is_plan_feature(name):
        known = plan_key and instrument
        return plan_series(plan_key, instrument, name.removeprefix(f"{_PLAN}.")) if known else ""
    parts = name.split(".")
    if (len(parts), parts[0]) in ((2, "sentiment"), (3, "macro")):
        return "/".join(parts)
    subject = _IDS.get(parts[-1], parts[-1])
    if len(parts) == 3 and parts[0] == "derivatives" and parts[1] in _DERIVATIVES:
        ticker = _TICKERS.get(parts[2], parts[2])
        return f"derivatives/binance-perp:{ticker}-usdt-perp/{_DERIVATIVES[parts[1]]}"
    if len(parts) == 3 and (measure := _OF_ASSET.get((parts[0], parts[1]))):
        return f"{parts[0]}/{subject}/{measure}"
    if len(parts) == 3 and parts[0] == "news" and parts[1] in _ENDS:
        return f"news/{subject}/{_ENDS[parts[1]]}"
    if len(parts) == 4 and parts[:2] == ["news", "topic"]:
        return f"news/{subject}/topic_{parts[2]}_count"
    return ""


def feature_exists(name: str, patterns: Collection[str], assets: Collection[str]) -> bool:
    """Return whether a feature exists, with or without values.

    Parameters
    ----------
    name : str
        As a strategy reads it.
    patterns : collection of str
        Patterns of the series that are written, ``sentiment/fear_greed_index``, ``news/*/items_count``.
    assets : collection of str
        Catalogue ids that news name besides the watched assets.
    """
    series = feature_series(name)
    if name == FUNDING_RATE or not series:
        return name == FUNDING_RATE
    subject = series.split("/")[1]
    if name.split(".")[0] in ("derivatives", "onchain", "market") and name.split(".")[2] not in _IDS:
        return False
    if series.startswith("news/") and not (
        subject == MARKET or subject in _IDS.values() or subject in assets
    ):
        return False
    return any(fnmatchcase(series, pattern) for pattern in patterns)


def nearest_feature(name: str, patterns: Collection[str]) -> str:
    """Return the existing feature whose name is nearest to a name."""
    known = [
        FUNDING_RATE,
        *(feature for pattern in sorted(patterns) for feature in _pattern_features(pattern)),
    ]
    return get_close_matches(name, known, n=1, cutoff=0.0)[0]


def _pattern_features(pattern: str) -> Iterator[str]:
    """Yield the features that read a series of facts, one for each watched asset where it has a subject."""
    subjects = (*_IDS, MARKET) if "*" in pattern else ("",)
    for subject in subjects:
        match pattern.split("/"):
            case ["sentiment", *_] | ["macro", _, _] as parts:
                if "*" not in pattern:
                    yield ".".join(parts)
            case ["derivatives", _, measure]:
                for name, end in _DERIVATIVES.items():
                    if end == measure and subject != MARKET:
                        yield f"derivatives.{name}.{subject}"
            case ["onchain" | "market" as kind, _, measure]:
                for (own, name), end in _OF_ASSET.items():
                    if (own, end) == (kind, measure) and subject != MARKET:
                        yield f"{kind}.{name}.{subject}"
            case ["news", _, measure] if measure in _ENDS.values():
                yield f"news.{measure.partition('_')[0]}.{subject}"
            case ["news", _, measure]:
                yield f"news.topic.{measure.removeprefix('topic_').removesuffix('_count')}.{subject}"
            case _:
                return


def add_features(
    bars: Bars, store: BarStore, facts: FactStore, names: Sequence[str], plan_key: str = ""
) -> Bars:
    """Return bars with features and with columns; see `add_recorded` and `vigie.data.feature_columns`."""
    recorded = recorded_features(names, bars.instrument)
    return add_columns(add_recorded(bars, store, facts, recorded, plan_key), names)


def add_recorded(
    bars: Bars, store: BarStore, facts: FactStore, names: Sequence[str], plan_key: str = ""
) -> Bars:
    """Return bars with features that are recorded; see `add_facts` and `vigie.data.other_closes`."""
    return add_closes(add_facts(bars, facts, names, plan_key), store, names)


def add_facts(bars: Bars, facts: FactStore, names: Sequence[str], plan_key: str = "") -> Bars:
    """Return bars with features from facts; one of which nothing is stored is NaN throughout.

    At each close a series has the value that was the newest then: what was revised later, or learned late about an
    earlier time, changes nothing before it was known, and never stands in the place of something newer.
    """
    series_by_feature = {
        name: series for name in names if (series := feature_series(name, plan_key, bars.instrument))
    }
    if not series_by_feature:
        return bars
    frame = facts.read(sorted(set(series_by_feature.values())), with_revised=True).sort(
        "ts_known", "ts_event"
    )
    parts = {str(name): part for (name,), part in frame.partition_by("series", as_dict=True).items()}
    for name, series in series_by_feature.items():
        if series in parts:
            part = _keep_newest(parts[series])
            bars = add_feature(bars, name, part["ts_known"].to_numpy(), part["value"].to_numpy())
    return bars


def _keep_newest(part: DataFrame) -> DataFrame:
    """Return the rows that were about the newest time when they became known."""
    return part.filter(part["ts_event"] >= part["ts_event"].cum_max())
