"""Where the idea of a trade came from as far as its strategy says: what it reads besides prices."""

from __future__ import annotations

from vigie.data.feature_names import find_feature_names
from vigie.data.features import feature_series
from vigie.domain.errors import VigieError
from vigie.ports.home import ResultsHome
from vigie.trading import catalogue


def idea_of(results: ResultsHome, strategy: str) -> str:
    """Return the kinds of facts that a strategy reads, as ``news`` or ``macro, news``; empty where prices are all."""
    # Its file is read, not run: a list of trades waits for nobody's program.
    path = catalogue.available(results.strategies).get(strategy)
    try:
        names = find_feature_names(path) if path else ()
    except VigieError:  # its file was changed: what it read is not known any more
        return ""
    return ", ".join(sorted({feature_series(name).partition("/")[0] for name in names} - {""}))
