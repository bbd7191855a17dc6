"""What columns read, joined by the time at which each value was known: bars, closes of other instruments, facts."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.data.feature_columns import column_inputs, fact_features
from vigie.data.features import add_facts
from vigie.data.other_closes import known_closes
from vigie.domain.bar import Bars
from vigie.ports.facts import FactStore
from vigie.quant.feature_table import FeatureInputs


def join_inputs(bars: Bars, peers: Sequence[Bars] = (), facts: FactStore | None = None) -> FeatureInputs:
    """Return what columns read of some bars.

    Parameters
    ----------
    bars : Bars
        Of the instrument that the columns are about.
    peers : sequence of Bars
        Of other instruments; of each, only bars that have closed by a bar's close reach it, and late ones none.
    facts : FactStore, optional
        Where other series lie; without one they are not known.

    Returns
    -------
    FeatureInputs
        What became known after a bar's close changes nothing at that bar.
    """
    joined = bars if facts is None else add_facts(bars, facts, list(fact_features(bars.instrument).values()))
    return column_inputs(joined, [known_closes(peer, bars) for peer in peers])
