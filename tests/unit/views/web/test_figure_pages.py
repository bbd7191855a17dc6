"""Derivatives, on-chain, formulas and sources as pages: full, short, old and empty; forms without a script."""

import re
from dataclasses import replace

import pytest

from tests.houses import Browser
from tests.refusals import refused
from tests.unit.services.figures_material import EIGHT, NOW, empty, full, quote
from vigie.domain.fact import Observation
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS, iso
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts.users import add_user
from vigie.views.web.pages.onchain.formula_form import build_formulas as formulas_of
from vigie.views.web.unusual import most_unusual

DERIVATIVES = ["", "/open-interest", "/basis", "/long-short", "/liquidations", "/volatility"]
PAGES = [
    *(f"/derivatives{path}" for path in DERIVATIVES), "/onchain", "/onchain?asset=all", "/onchain/defi",
    "/onchain/chart", "/onchain/series", "/sources", "/sources/coingecko",
    *(f"/onchain/defi?table={name}" for name in ("protocols", "volumes", "fees", "yields", "stablecoins")),
]  # fmt: skip
HOSTILE = [
    "ratio(", "<script>alert(1)</script>", "__import__('os')", "market/bitcoin/price_usd; drop table", "{{7*7}}",
    "mean(market/bitcoin/price_usd,99999d)", "a" * 600, "onchain/bitcoin/nothing",
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return full(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return empty(tmp_path_factory.mktemp("bare"))


@pytest.fixture(params=["en", "fr"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def browsers(built, bare):
    """One for each language and house: making an application takes longer than asking it."""
    return {
        (house, language): Browser(made, language=language)
        for house, made in (("full", built), ("bare", bare))
        for language in ("en", "fr")
    }


@pytest.fixture
def browser(browsers):
    return browsers["full", "en"]


def main_of(answer):
    assert answer.status_code == 200, answer.text[-300:]
    return answer.text.partition('<main id="main"')[2].partition("</main>")[0]


# --- every page, whatever there is


@pytest.mark.parametrize("path", PAGES)
def test_page_shows_what_is_known_in_both_languages(browsers, language, path):
    found = main_of(browsers["full", language].get(path))
    assert found.count("<h1") == 1
    assert "state-empty" not in found
    assert "None" not in re.sub(r"<[^>]*>|None yet\.", "", found)


@pytest.mark.parametrize("path", PAGES)
def test_page_of_an_empty_house_says_what_will_be_here_and_has_a_way_on(browsers, language, path):
    found = main_of(browsers["bare", language].get(path))
    if path.startswith(("/sources", "/onchain/chart")):
        assert "<form" in found or "<table" in found
    else:
        assert "state-empty" in found
        assert 'class="button button-primary"' in found


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/sources")])
def test_page_of_the_past_says_so_and_leads_back(browsers, language, path):
    joiner = "&" if "?" in path else "?"
    found = main_of(browsers["full", language].get(f"{path}{joiner}as_of={iso(NOW - 2 * DAY_MS)}"))
    assert {"en": "As of", "fr": "Au "}[language] in found or "Back to now" in found
    assert {"en": "Back to now", "fr": "Revenir"}[language] in found or "présent" in found


def test_short_histories_leave_holes_not_faults(tmp_path, language):
    made = empty(tmp_path / "home")
    made.quotes.put([quote(EIGHT, mark=101.0, index=100.0, funding_rate=0.0001)])
    made.facts.append(
        [
            Observation("onchain/bitcoin/adr_act_cnt", NOW - DAY_MS, NOW, 5.0),
            Observation(f"derivatives/{EIGHT}/funding_fraction", NOW - DAY_MS, NOW - DAY_MS, 0.0001),
        ]
    )
    browser = Browser(made, language=language)
    for path in ("/derivatives", "/derivatives/basis", "/derivatives/open-interest", "/onchain"):
        assert "<h1" in main_of(browser.get(path))
    assert "<svg" in main_of(browser.get("/onchain/chart?f=onchain/bitcoin/adr_act_cnt"))


def test_old_values_are_marked(browser):
    assert ">stale</span>" in main_of(browser.get("/derivatives"))
    assert ">stale</span>" in main_of(browser.get("/onchain?asset=all"))
    assert ">unusually high</span>" in main_of(browser.get("/derivatives"))


def test_a_liquidation_is_said_to_be_a_lower_bound(browser):
    found = main_of(browser.get("/derivatives/liquidations"))
    assert "These figures are a minimum" in found
    assert "At least this much was liquidated" in found


@pytest.mark.parametrize(("days", "english", "french"), [
    ("7", "Liquidations, hourly: Bitcoin", "Liquidations, par heure : Bitcoin"),
    ("30", "Liquidations, every 2 h: Bitcoin", "Liquidations, toutes les 2 h : Bitcoin"),
    ("365", "Liquidations, daily: Bitcoin", "Liquidations, par jour : Bitcoin"),
])  # fmt: skip
def test_a_chart_of_liquidations_says_over_how_long_it_adds_up(browsers, days, english, french):
    for language, said in (("en", english), ("fr", french)):
        found = browsers["full", language].get(
            f"/chart/derivatives.svg?measure=liquidations&asset=bitcoin&days={days}"
        )
        assert said in found.text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("path", ["/derivatives", "/derivatives/open-interest", "/derivatives/basis"])
def test_on_a_phone_the_venue_stands_below_the_name(browser, path):
    table = main_of(browser.get(path)).partition('id="rows"')[2].partition("</table>")[0]
    assert re.search(r'<th scope="row">.{0,200}<span class="sub only-phone"><span title="', table)
    assert re.search(r'<th scope="col" class="[^"]*hide-phone"><a [^>]*data-column="venue"', table)


def test_the_asset_of_the_address_filters_rows_and_draws_its_chart(browser):
    found = main_of(browser.get("/derivatives?asset=bitcoin&days=7&sort=-per_8h"))
    assert "ethereum" not in found.partition('id="rows"')[2].partition("</table>")[0]
    assert "Settled funding rate, 8 h: Bitcoin" in found
    assert "/api/v1/derivatives/funding.csv?assets=bitcoin&amp;sort=-per_8h" in found


# --- formulas


def test_fields_of_the_form_become_a_formula_in_the_address(browser):
    answer = browser.get(
        "/onchain/chart?first=market/bitcoin/cap_usd&second=stablecoins/total/supply_usd&how=ratio&days=90",
        follow=False,
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/onchain/chart?f=ratio(market/bitcoin/cap_usd,stablecoins/total/supply_usd)&days=90"
    )
    assert "<svg" in main_of(browser.get(answer.headers["location"]))


@pytest.mark.parametrize(
    ("how", "f", "g"),
    [
        ("both", "a/b", "c/d"), ("index", "index(a/b)", "index(c/d)"), ("log", "log(a/b)", "log(c/d)"),
        ("mean", "mean(a/b,30d)", "mean(c/d,30d)"), ("zscore", "zscore(a/b,30d)", "zscore(c/d,30d)"),
        ("difference", "difference(a/b,c/d)", ""),
    ],
)  # fmt: skip
def test_everything_that_can_be_done_is_a_formula(how, f, g):
    assert formulas_of({"first": "a/b", "second": "c/d", "how": how, "window": "30d"}) == (f, g)
    assert formulas_of({"first": "", "second": "c/d", "how": "ratio"}) == ("c/d", "")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_formula_is_refused_in_words_and_the_form_stays(browsers, language, text):
    found = main_of(browsers["full", language].get("/onchain/chart", params={"f": text}))
    assert 'class="form-errors"' in found
    assert 'name="first"' in found
    assert "<script" not in found
    assert "49" not in re.sub(r"<[^>]*>", "", found.partition("form-errors")[2].partition("</ul>")[0])


def test_two_units_are_two_charts_and_one_unit_is_one(browser):
    two = main_of(browser.get("/onchain/chart?f=market/bitcoin/price_usd&g=onchain/bitcoin/cap_mvrv_cur"))
    one = main_of(browser.get("/onchain/chart?f=market/bitcoin/price_usd&g=market/ethereum/price_usd"))
    assert (two.count("chart-frame"), one.count("chart-frame")) == (2, 1)
    assert "for non-commercial use only" in two
    assert "for non-commercial use only" not in one


@pytest.mark.parametrize(
    ("series", "english", "french"),
    [
        ("market/bitcoin/price_usd", "Price: Bitcoin", "Prix\u00a0: Bitcoin"),
        ("stablecoins/total/supply_usd", "all stablecoins", "tous les stablecoins"),
        ("defi/total/tvl_usd", "all of DeFi", "toute la DeFi"),
        ("market/global/cap_usd", "the whole market", "tout le march\u00e9"),
    ],
)
def test_series_are_called_by_what_they_are_about(built, browsers, series, english, french):
    now = built.clock.market_now()
    if "global" in series:
        built.facts.append(
            [Observation(series, now - day * DAY_MS, now - day * DAY_MS, 3e12) for day in (1, 2)]
        )
    for language, said in (("en", english), ("fr", french)):
        chart = main_of(browsers["full", language].get(f"/onchain/chart?f={series}"))
        assert said in chart
        assert not re.search(r": (global|total|bitcoin)\b", re.sub(r"<[^>]*>", "", chart))
        listed = main_of(browsers["full", language].get(f"/onchain/series?find={series.split('/')[2]}"))
        assert said.split(": ")[-1].split("\u00a0: ")[-1] in listed


def test_exports_of_non_commercial_numbers_come_after_a_warning(browser):
    found = main_of(browser.get("/onchain"))
    warning, link = found.index("Before you export"), found.index("/api/v1/onchain/cards.csv")
    assert warning < link
    assert "Before you export" not in main_of(browser.get("/onchain?asset=all"))
    listed = main_of(browser.get("/onchain/series?topic=onchain"))
    assert listed.index("Before you export") < listed.index("/api/v1/onchain/catalog.csv")
    assert "Before you export" not in main_of(browser.get("/onchain/series?topic=defi"))


@pytest.mark.parametrize(
    "address",
    [
        "derivatives.{}?measure=funding&asset=bitcoin&days=7",
        "formula.{}?f=index(market/bitcoin/price_usd)&g=index(market/ethereum/price_usd)&days=90",
    ],
)
def test_charts_are_pictures_with_source_and_time(browser, address):
    svg = browser.get(f"/chart/{address.format('svg')}")
    assert (svg.status_code, svg.headers["content-type"]) == (200, "image/svg+xml")
    assert "Source: " in svg.text
    assert "2025" in svg.text
    png = browser.get(f"/chart/{address.format('png')}")
    assert png.content.startswith(b"\x89PNG")


def test_a_picture_of_nothing_is_not_found(browser, browsers):
    assert browsers["bare", "en"].get("/chart/derivatives.svg").status_code == 404
    assert browser.get("/chart/formula.svg?f=ratio(").status_code == 400


# --- sources


def test_forms_pause_resume_and_undo_without_a_script(built, browser):
    paused = browser.post("/sources/pause", {"source": "ecb/rates", "next": "/sources?state=live"})
    assert paused.url.path == "/sources"
    assert dict(paused.url.params) == {"state": "live", "done": "paused", "source": "ecb/rates"}
    assert 'action="/sources/resume"' in main_of(paused)
    assert built.quotes.requests() == {"ecb/rates": "paused"}
    undone = browser.post("/sources/resume", {"source": "ecb/rates", "next": "/sources/ecb"})
    assert undone.url.path == "/sources/ecb"
    assert built.quotes.requests() == {}
    tested = browser.post("/sources/test", {"source": "ecb/rates", "next": "https://elsewhere.example/"})
    assert tested.url.path == "/sources"
    assert built.quotes.requests() == {"ecb/rates": "now"}
    built.quotes.request("ecb/rates", "")


def test_what_went_wrong_is_said_in_the_visitors_language(built, browsers):
    before = [one for one in built.quotes.health() if one.source == "coingecko/global"]
    late = refused("did_not_answer_time", url="api.example.org")
    slow = refused("tried_times", error=late, attempt=3)
    built.quotes.put_health([replace(one, error=slow) for one in before])
    for path in ("/sources", "/sources/coingecko", "/health"):
        assert (
            "api.example.org did not answer in time (tried 3 times)" in browsers["full", "en"].get(path).text
        )
        assert (
            "api.example.org n’a pas répondu à temps (3 tentatives)" in browsers["full", "fr"].get(path).text
        )
    built.quotes.put_health(before)


def test_a_connector_that_is_not_there_is_said_to_be_not_there(browser):
    assert browser.post("/sources/pause", {"source": "nothing"}).status_code == 404
    assert browser.get("/sources/nothing").status_code == 404


def test_what_was_never_seen_live_is_said_plainly(browser):
    assert ">unverified</span>" in main_of(browser.get("/sources?part=figures"))
    assert "not yet tested with the real service" in main_of(browser.get("/sources/mempool"))


def test_states_of_sources_are_exported_from_health_too(browser):
    found = main_of(browser.get("/health"))
    for kind in ("csv", "json", "xlsx", "parquet"):
        assert f'href="/api/v1/sources/list.{kind}"' in found


def test_states_filter_the_list(browser):
    found = main_of(browser.get("/sources?state=failing"))
    assert "CoinGecko: too many" in found
    assert "mempool.space" not in found.partition("<table")[2].partition("</table>")[0]


# --- /metrics


def test_metrics_tell_of_connectors_jobs_streams_and_audit(built):
    answer = Browser(built, is_owner=False).get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert lines['vigie_connector_age_seconds{connector="coingecko/markets"}'] == "1.0"
    assert lines['vigie_connector_errors{connector="coingecko/global"}'] == "3.0"
    assert lines['vigie_connector_budget_left{connector="coingecko/markets"}'] == "4.0"
    assert lines['vigie_connector_state{connector="bitget/quotes",state="stale"}'] == "1.0"
    assert float(lines["vigie_audit_events_total"]) == built.audit.newest()
    assert lines["vigie_streams_open"] == "0.0"


def test_metrics_count_jobs_and_what_they_took(tmp_path):
    made = empty(tmp_path / "home")
    job = made.jobs.put("import", {}, owner="owner")
    taken = made.jobs.take("here", ["import"], stale_ms=60_000)
    assert taken is not None
    made.clock.now += 5_000
    made.jobs.finish(job.id, "here", "done", message="", answer={})
    text = Browser(made).get("/metrics").text
    assert 'vigie_jobs{kind="import",state="done"} 1.0' in text
    assert 'vigie_job_last_seconds{kind="import"} 5.0' in text


def test_metrics_that_a_proxy_asks_for_need_a_sign_in(tmp_path):
    made = empty(tmp_path / "home")
    bound(made, add_user)(OWNER, "Ann", "a long enough sentence")
    browser = Browser(made, is_owner=False)
    assert browser.get("/metrics").status_code == 200
    far = browser.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"})
    assert (far.status_code, far.headers["www-authenticate"]) == (401, "Bearer")
    assert "vigie_" not in far.text


def test_charts_lead_to_the_studio_with_what_they_show(browser):
    charts = browser.get(
        "/onchain/chart?f=onchain/bitcoin/adr_act_cnt&g=market/bitcoin/cap_usd&days=730"
    ).text
    for series in ("onchain%2Fbitcoin%2Fadr_act_cnt", "market%2Fbitcoin%2Fcap_usd"):
        assert re.search(
            rf"/studio\?add=chart&amp;of=series&amp;series={series}&amp;title=[^&]+&amp;span=max", charts
        )
    shown = browser.get("/derivatives/basis?asset=bitcoin&days=7").text
    assert "/studio?add=chart&amp;of=derivatives&amp;measure=basis&amp;assets=bitcoin&amp;span=1w" in shown


# --- what is unusual against its own past


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/derivatives",
            {
                "en": ("Funding rate (8 h), Bitcoin, Bitget", ": +0.0800%, higher than usual."),
                "fr": (
                    "Taux de financement (8 h), Bitcoin, Bitget",
                    "plus haut que d’habitude.",
                ),
            },
        ),
        (
            "/onchain",
            {
                "en": ("Active addresses, Bitcoin", ": 5,000, higher than usual."),
                "fr": ("Adresses actives, Bitcoin", "plus haut que d’habitude."),
            },
        ),
    ],
)
def test_a_page_begins_with_what_is_unusual_and_leads_to_its_chart(browsers, language, path, said):
    found = main_of(browsers["full", language].get(path))
    card = found.split('id="unusual"')[1].split("</section>")[0]
    assert found.index('id="unusual"') < found.index("<form")
    link = re.search(r'<a href="([^"]+)"><strong>([^<]+)</strong></a>([^<]+)', card)
    title, sentence = said[language]
    assert title in link[2]
    assert sentence in re.sub("[\u202f]", "\u00a0", link[3])
    assert browsers["full", language].get(link[1].split("#")[0].replace("&amp;", "&")).status_code == 200
    assert card.count("range-strip is-unusual") == card.count("<li>") > 0


def test_measures_with_a_short_past_have_no_strip_and_say_what_is_missing(browser):
    found = main_of(browser.get("/derivatives"))
    table = found.split('id="measures"')[1].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL)
    assert {"range-strip" in row for row in rows} == {True, False}
    assert all(("30 days needed" in row) != ("range-strip" in row) for row in rows)
    assert all('class="spark' in row or "Basis" not in row for row in rows)


def test_nothing_unusual_is_said_and_nothing_more(tmp_path):
    made = empty(tmp_path / "calm")
    name = f"derivatives/{EIGHT}/basis_fraction"
    facts = [
        Observation(name, NOW - day * DAY_MS, NOW - day * DAY_MS, 0.001 + 1e-5 * (day % 7))
        for day in range(60)
    ]
    facts.append(Observation(f"derivatives/{EIGHT}/funding_fraction", NOW, NOW, 0.0001))
    made.facts.append(facts)
    card = main_of(Browser(made).get("/derivatives")).split('id="unusual"')[1].split("</section>")[0]
    assert "Nothing is unusual against its own past." in card
    assert "<li>" not in card


def test_unusual_figures_of_an_asset_are_told_once_and_the_rest_is_counted(built):
    one = run_operation(built, OWNER, "derivatives.past", {}).rows[0]
    rows = [
        one.with_values(kind=f"k{n % 9}", asset="bitcoin", outlier="high", surprise=float(n), low=0.0)
        for n in range(18)
    ]
    rows += [one.with_values(kind="calm", outlier="", low=None)]
    found = most_unusual(rows)
    assert [row.surprise for row in found.rows] == [17.0, 16.0, 15.0, 14.0, 13.0, 12.0]
    assert (found.left_out, found.compared, found.short) == (3, 18, 1)


def test_what_is_nearest_to_unusual_is_so_by_the_percentiles_of_the_table(built):
    one = run_operation(built, OWNER, "derivatives.past", {}).rows[0]
    plain = {"kind": "funding", "asset": "bitcoin", "outlier": "", "is_stale": False, "low": 0.0, "high": 1.0}
    rows = [
        one.with_values(**plain, venue="a", value=0.99),
        one.with_values(**plain, venue="b", value=0.7),
        one.with_values(**plain, venue="c", value=0.6),
    ]
    assert most_unusual(rows, "funding").furthest.venue == "a"
    percentiles = {("bitcoin", "a"): 0.93, ("bitcoin", "b"): 0.94, ("bitcoin", "c"): None}
    assert most_unusual(rows, "funding", percentiles=percentiles).furthest.venue == "b"


def test_a_page_of_the_past_compares_with_what_was_known_then(browser):
    then = main_of(browser.get(f"/onchain?as_of={iso(NOW - DAY_MS)[:10]}"))
    card = then.split('id="unusual"')[1].split("</section>")[0]
    assert "5,000" not in card
