"""On-chain figures: cards, series, formulas, the catalogue, tables of DeFi; hostile input is refused in words."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.houses import person
from tests.unit.services.figures_material import NOW, empty, full
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.operation_calls import run_operation
from vigie.services.operations.onchain import DERIVED_METRICS
from vigie.views.api.exports import export
from vigie.views.web.language import texts

RATIO = "ratio(market/bitcoin/cap_usd,stablecoins/total/supply_usd)"
DEFI = ("chains", "protocols", "volumes", "fees", "yields", "stablecoins")
HOSTILE = [
    "   ", "ratio(", "ratio(market/bitcoin/price_usd)", "__import__('os')", "<script>alert(1)</script>",
    "market/bitcoin/price_usd; drop table", "../../etc/passwd", "mean(market/bitcoin/price_usd,0d)",
    "mean(market/bitcoin/price_usd,99999d)", "eval(market/bitcoin/price_usd)", "ratio(" * 50, "a" * 450,
    "market/bitcoin/price_usd)", "{{7*7}}", "market/bitcoin/\u0000",
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return full(tmp_path_factory.mktemp("home"))


def asked(built, name, **values):
    return run_operation(built, person(), name, values)


def card(answer, key):
    return next(one for one in answer.cards if one.key == key)


# --- cards


def test_a_card_says_what_it_is_where_it_comes_from_and_under_which_terms(built):
    one = card(asked(built, "onchain.cards", asset="BTC"), "adr_act_cnt")
    assert (one.figure.value, one.figure.ts_event, one.figure.ts_known) == (
        5_000.0,
        NOW - DAY_MS,
        NOW - HOUR_MS,
    )
    assert one.definition.startswith("Addresses")
    assert (one.figure.source, one.licence, one.is_non_commercial) == (
        "Coin Metrics Community",
        "CC BY-NC 4.0",
        True,
    )
    assert (one.delay, one.is_revised, one.figure.is_stale) == ("a day; may be revised", True, False)
    assert one.change_7d == pytest.approx(5_000.0 / 1_392.0 - 1.0)
    assert len(one.spark) > 10


def test_the_list_of_assets_has_the_names_of_the_catalogue(tmp_path):
    made = empty(tmp_path / "home")
    series = [f"onchain/{asset}/adr_act_cnt" for asset in ("avalanche-2", "usd-coin", "no-such-coin")]
    made.facts.append([Observation(one, NOW, NOW, 5.0) for one in series])
    names = asked(made, "onchain.cards", asset="avalanche-2").names
    assert (names["avalanche-2"], names["usd-coin"]) == ("Avalanche", "USD Coin")
    assert (names["no-such-coin"], names["bitcoin"]) == ("No Such Coin", "Bitcoin")


def test_each_credit_is_given_once_although_figures_are_made_of_several_sources(built):
    answer = asked(built, "onchain.cards", asset="bitcoin")
    assert any("; " in one.attribution for one in answer.cards)
    assert answer.credits.count("Data provided by CoinGecko") == 1
    assert not any("; " in one for one in answer.credits)


def test_a_card_whose_source_fell_silent_is_stale(built):
    answer = asked(built, "onchain.cards", asset="all")
    assert card(answer, "fear_greed_index").figure.is_stale
    assert not card(answer, "tvl_usd").figure.is_stale


def test_a_figure_made_of_two_is_as_old_as_its_older_part_and_names_its_formula(built):
    one = card(asked(built, "onchain.cards", asset="bitcoin"), "ssr")
    assert one.figure.value == pytest.approx((2e12 + 399e9) / 2e11)
    assert (one.series, one.formula, one.figure.ts_event) == (RATIO, RATIO, NOW - DAY_MS)
    assert one.figure.source == "CoinGecko, DefiLlama"


def test_exports_of_cards_say_that_some_are_non_commercial(built):
    answer = asked(built, "onchain.cards", asset="bitcoin")
    about = json.loads(export(answer, "json", is_simulated=False))["about"]
    assert any("non-commercial use only" in text and "Coin Metrics" in text for _, text in about)
    assert "non-commercial" in export(answer, "csv", is_simulated=False).decode()


def test_a_revision_counts_from_when_it_was_known(built):
    late = asked(built, "onchain.series", series="onchain/bitcoin/adr_act_cnt")
    assert (late.rows[-1]["value"], late.rows[-1]["ts_known"]) == (5_000.0, NOW - HOUR_MS)
    then = asked(built, "onchain.series", series="onchain/bitcoin/adr_act_cnt", as_of=NOW - HOUR_MS - 1)
    assert (then.rows[-1]["value"], then.rows[-1]["ts_known"]) == (1_399.0, NOW - DAY_MS // 2)
    assert card(asked(built, "onchain.cards", as_of=NOW - 2 * HOUR_MS), "adr_act_cnt").figure.value == 1_399.0


# --- as of


@settings(max_examples=12, deadline=None, derandomize=True)
@given(at=st.integers(NOW - 300 * DAY_MS, NOW))
def test_nothing_that_became_known_later_is_ever_shown(built, at):
    first = asked(built, "onchain.cards", asset="bitcoin", as_of=at)
    assert all((one.figure.ts_known or 0) <= at for one in first.cards)
    assert (
        first.model_dump_json() == asked(built, "onchain.cards", asset="bitcoin", as_of=at).model_dump_json()
    )
    rows = asked(built, "onchain.series", series="onchain/bitcoin/adr_act_cnt", as_of=at).rows
    assert all(row["ts_known"] <= at and row["ts_event"] <= at for row in rows)
    line = asked(built, "onchain.formula", f=RATIO, as_of=at)
    assert all(row["ts"] <= at for row in line.rows)
    listed = asked(built, "onchain.catalog", as_of=at, limit=500)
    assert all(row["ts_event"] <= at for row in listed.rows)


def test_assets_of_which_nothing_was_known_then_are_not_offered(built):
    assert asked(built, "onchain.cards").assets == ["bitcoin"]
    assert asked(built, "onchain.cards", as_of=NOW - 500 * DAY_MS).assets == []


# --- formulas


def test_two_series_are_joined_by_the_time_they_are_about(built):
    found = asked(built, "onchain.formula", f=RATIO, days=30)
    assert found.rows[-1]["first"] == pytest.approx((2e12 + 399e9) / 2e11)
    assert (found.lines[0].unit, found.lines[0].last.ts_event) == ("ratio", NOW - DAY_MS)


def test_an_index_begins_at_a_hundred_with_the_chart(built):
    found = asked(
        built,
        "onchain.formula",
        f="index(market/bitcoin/price_usd)",
        g="index(market/ethereum/price_usd)",
        days=30,
    )
    assert (found.rows[0]["first"], found.rows[0]["second"]) == (100.0, 100.0)
    assert found.rows[0]["ts"] == NOW - 30 * DAY_MS


def test_a_window_reaches_back_before_the_chart(built):
    found = asked(built, "onchain.formula", f="mean(market/bitcoin/price_usd,90d)", days=10)
    assert found.rows[0]["first"] is not None
    assert len(found.rows) == 10


def test_joined_by_the_time_known_a_value_stands_when_it_was_read(built):
    by_event = asked(built, "onchain.formula", f="onchain/bitcoin/adr_act_cnt", days=30)
    by_known = asked(built, "onchain.formula", f="onchain/bitcoin/adr_act_cnt", days=30, joined="known")
    assert (by_event.rows[-1]["ts"], by_known.rows[-1]["ts"]) == (NOW - DAY_MS, NOW - HOUR_MS)
    assert by_event.rows[-1]["first"] == by_known.rows[-1]["first"]


def test_a_plain_series_has_its_title_and_its_licence(built):
    found = asked(built, "onchain.formula", f="onchain/bitcoin/cap_mvrv_cur")
    line = found.lines[0]
    assert (line.title, line.subject, line.unit, line.is_non_commercial) == ("MVRV", "bitcoin", "ratio", True)
    assert found.origins[0].licence == "non-commercial use only, CC BY-NC 4.0"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_formula_that_is_none_is_refused_in_words(built, text):
    if not text.strip():
        assert asked(built, "onchain.formula", f=text).rows == []
        return
    with pytest.raises((UsageError, NotFound)) as fault:
        asked(built, "onchain.formula", f=text)
    assert 10 < len(str(fault.value)) < 400


def test_a_series_that_nobody_delivers_is_not_found(built):
    with pytest.raises(NotFound, match="lists the known ones"):
        asked(built, "onchain.formula", f="onchain/bitcoin/nothing")


def test_too_many_series_at_once_are_refused(built):
    with pytest.raises(UsageError, match="give 1 to 8 series ids, had 9"):
        asked(built, "onchain.series", series=",".join(["market/bitcoin/price_usd"] * 9))


# --- the catalogue


def test_the_catalogue_finds_by_id_title_and_definition(built):
    rows = asked(built, "onchain.catalog", find="active addresses").rows
    assert [row["series"] for row in rows] == ["onchain/bitcoin/adr_act_cnt"]
    assert (rows[0]["unit"], rows[0]["licence"]) == ("count", "CC BY-NC 4.0")


def test_pages_of_the_catalogue_follow_one_another(built):
    whole = [row["series"] for row in asked(built, "onchain.catalog", limit=500).rows]
    found, cursor = [], "0"
    while cursor is not None:
        page = asked(built, "onchain.catalog", limit=7, cursor=cursor)
        found += [row["series"] for row in page.rows]
        cursor = page.next_cursor
    assert found == whole
    assert len(set(found)) == len(found)


def test_a_series_no_connector_describes_is_listed_by_its_id(built, tmp_path):
    made = empty(tmp_path / "home")
    made.facts.append([Observation("own/thing/some_count", NOW, NOW, 1.0)])
    row = asked(made, "onchain.catalog").rows[0]
    assert (row["title"], row["source"]) == ("some count", "")


def test_everything_connectors_say_of_series_and_of_themselves_has_its_french(built):
    said = {
        text
        for one in built.directory.measures()
        for text in (one.title, one.definition, one.formula, one.delay)
    }
    said |= {text for one in DERIVED_METRICS for text in (one.title, one.definition)}
    said |= {text for note in built.directory.notes() for text in (note.feed, note.depth)}
    assert {text for text in said if text} - set(texts("fr")) == set()


# --- DeFi


def test_shares_of_chains_are_of_the_whole_list(built):
    rows = asked(built, "defi.chains").rows
    assert [(row["id"], row["share"]) for row in rows] == [("ethereum", 0.75), ("solana", 0.25), ("new", 0.0)]


def test_the_deviation_is_told_of_coins_that_promise_a_dollar_only(built):
    rows = {row["id"]: row for row in asked(built, "defi.stablecoins").rows}
    assert rows["tether"]["deviation"] == pytest.approx(-0.03)
    assert rows["eurc"]["deviation"] is None


def test_per_cent_of_the_source_become_fractions(built):
    assert asked(built, "defi.protocols").rows[0]["change_1d"] == -0.02
    assert asked(built, "defi.yields").rows[0]["apy"] == 0.04
    assert asked(built, "defi.volumes").rows[0]["change_1d"] == pytest.approx(0.1)


def test_names_that_a_spreadsheet_would_run_are_made_harmless(built):
    assert b"'=HYPERLINK()" in export(asked(built, "defi.protocols"), "csv", is_simulated=False)


@pytest.mark.parametrize("name", DEFI)
def test_tables_are_empty_before_their_source_was_read(built, tmp_path, name):
    assert asked(built, f"defi.{name}").rows
    assert asked(built, f"defi.{name}", as_of=NOW - DAY_MS).rows == []
    assert asked(empty(tmp_path / "home"), f"defi.{name}").rows == []


@pytest.mark.parametrize("asset", ["bitcoin", "all", "ethereum"])
def test_an_empty_house_has_no_cards(tmp_path, asset):
    assert asked(empty(tmp_path / "home"), "onchain.cards", asset=asset).cards == []
