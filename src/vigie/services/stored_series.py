"""Which bars are stored and how complete they are, answered without loading what reads them."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.data.instruments.table import resolve_instrument
from vigie.data.status import SeriesStatus, series_status
from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId, parse_venue
from vigie.domain.time import timeframe_ms
from vigie.ports.store import BarStore, StoredSeries


def select_series(
    store: BarStore, *, venue: str = "", symbols: Sequence[str] = (), timeframe: str = ""
) -> list[StoredSeries]:
    """Return the stored series that fit; everything where nothing is asked.

    Raises
    ------
    UsageError
        If something is asked for and nothing fits.
    """
    if venue:
        parse_venue(venue)
    if timeframe:
        timeframe_ms(timeframe)

    def fits(series: SeriesId) -> bool:
        instruments = {str(resolve_instrument(series.venue, symbol)) for symbol in symbols}
        return (
            (not venue or series.venue == venue)
            and (not timeframe or series.timeframe == timeframe)
            and (not symbols or series.instrument in instruments)
        )

    holdings = [holding for holding in store.holdings() if fits(holding.series)]
    if not holdings and (venue or symbols or timeframe):
        asked = " ".join([venue, *symbols, timeframe]).strip()
        raise UsageError(
            "no_stored_bars_match",
            "no stored bars match {asked!r}; `vigie data status` lists what is stored",
            asked=asked,
        )
    return holdings


def series_statuses(
    data_stores: DataStores,
    *,
    venue: str = "",
    symbols: Sequence[str] = (),
    timeframe: str = "",
    is_deep: bool = False,
) -> list[SeriesStatus]:
    """Describe the stored series that fit, from what their files say of themselves; `is_deep` reads every bar."""
    now = data_stores.clock.market_now()
    holdings = select_series(data_stores.bars, venue=venue, symbols=symbols, timeframe=timeframe)
    return [series_status(data_stores.bars, holding, now_ms=now, is_deep=is_deep) for holding in holdings]
