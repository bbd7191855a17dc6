"""Every file says under which terms its numbers are given, source by source."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house
from tests.unit.services.figures_material import full
from vigie.services.market_data.licence_terms import add_licences, venue_names
from vigie.services.operation import Origin

BARS = ("markets/list", "markets/movers", "markets/screen", "markets/heatmap", "markets/correlation",
        "assets/bars?asset=bitcoin", "assets/compare?assets=bitcoin,ethereum")  # fmt: skip
FACTS = ("onchain/cards", "defi/chains", "derivatives/funding", "derivatives/spreads", "derivatives/basis",
         "derivatives/volatility", "derivatives/history?measure=funding&asset=bitcoin")  # fmt: skip


@pytest.fixture(scope="module")
def browsers(tmp_path_factory):
    return Browser(house(tmp_path_factory.mktemp("bars"))), Browser(full(tmp_path_factory.mktemp("facts")))


@pytest.mark.parametrize("path", BARS + FACTS)
def test_each_source_of_a_file_carries_its_terms(browsers, path):
    name, _, query = path.partition("?")
    answer = browsers[path in FACTS].get(f"/api/v1/{name}.csv?{query}")
    assert answer.status_code == 200
    lines = [line.strip('"') for line in answer.text.splitlines() if line.strip('"').startswith("# source:")]
    assert lines
    assert [line for line in lines if "(" not in line] == []
    assert not any(line.startswith(("# source: venue,", "# source: venues,")) for line in lines)


def test_several_sources_in_one_line_keep_their_names(browsers):
    built = browsers[0].app.state.web.app_context
    [told] = add_licences(built.directory, [Origin(source="binance-perp, bitget-perp")])
    assert told.licence.startswith("binance: Public market data")
    assert "; bitget: " in told.licence


def test_what_nobody_knows_stays_without_terms_and_what_is_said_stays(browsers):
    built = browsers[0].app.state.web.app_context
    told = add_licences(
        built.directory, [Origin(source="nowhere"), Origin(source="coinmetrics", licence="mine")]
    )
    assert [one.licence for one in told] == ["", "mine"]


def test_venues_are_told_once():
    assert venue_names(["bitget-perp:btc-usdt-perp", "", "bitget-perp:eth-usdt-perp"]) == "bitget-perp"
