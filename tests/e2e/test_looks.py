"""What is measured of looks: nothing lies on its neighbour, nothing is cut, and no column ends in a hole."""

from __future__ import annotations

import re

import pytest

from tests.e2e import looks
from tests.e2e.houses import OVER, served, site_of, tab, tabs
from tests.unit.services.desk_material import house_with_results
from tests.unit.services.figures_material import full
from vigie.domain.person import OWNER

pytestmark = pytest.mark.browser
# The longest amounts that Today has had to show.
AMOUNTS = ("123\u202f456,78\u00a0$", "222,78\u00a0Md\u00a0$")
TILES = """amount => [...document.querySelectorAll(".tile")].flatMap(tile => {
    const box = part => tile.querySelector(part)?.getBoundingClientRect();
    tile.querySelector(".tile-value .num").textContent = amount;
    const [value, change, line] = [box(".tile-value .num"), box(".tile-change .delta"), box(".spark")];
    const room = tile.getBoundingClientRect().right - parseFloat(getComputedStyle(tile).paddingRight);
    const isOver = (one, other) => one.right > other.left && one.bottom > other.top + 1;
    return [value.right > room + 1 && "amount", change && line && change.right > line.left && "change",
            line && value.bottom > line.top && "line", change && change.right > room + 1 && "change's end",
            change && isOver(value, change) && isOver(change, value) && "over"]
        .filter(Boolean).map(what => `${tile.id}: ${what}`);
})"""
# The longest values that an axis has had to show.
VALUES = ("110 Md $".replace(" ", "\u00a0"), "\u22120,10\u00a0%", "3\u202f100\u00a0Md\u00a0$")
PLOT = """longest => {
    const stage = document.querySelector(".chart-stage").getBoundingClientRect();
    const right = document.querySelector(".plot .grid").getBoundingClientRect().right;
    const texts = [...document.querySelectorAll(".plot > text")].map(one => one.getBoundingClientRect());
    const places = [...document.querySelectorAll(".plot > text")].filter((_, at) => texts[at].left > right);
    for (const one of places) one.textContent = longest;
    const values = places.map(one => one.getBoundingClientRect());
    return [values.length, values.filter(one => one.right > stage.right).length, stage.right - right];
}"""
TIMES = """() => [...document.querySelectorAll(".plot > text")]
    .filter(one => one.getAttribute("text-anchor") === "middle").map(one => one.getBoundingClientRect())
    .filter(box => box.width > 0).sort((one, other) => one.left - other.left)
    .filter((box, at, all) => at > 0 && box.left < all[at - 1].right + 4).length"""
CHOICES = """() => [...document.querySelectorAll(".segments > *")].filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.textContent)"""
# How far above the end of the changes the chart beside them ends, while they are long.
FILLED = """() => {
    const bottom = one => document.querySelector(one).getBoundingClientRect().bottom;
    document.getElementById("changes").style.minHeight = "1000px";
    return bottom("#changes") - bottom("#chart-stage");
}"""


# How many pixels of a table lie beyond its box.
CUT = """id => {
    const box = document.querySelector(id).closest(".table-wrap");
    return box.scrollWidth - box.clientWidth;
}"""
PHONE = {"locale": "fr-FR", "viewport": {"width": 390, "height": 844}}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def used(browser):
    with tabs(browser) as use:
        yield use


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    with served(full(tmp_path_factory.mktemp("filled") / "home")) as opened:
        yield opened


@pytest.mark.parametrize(("path", "part"), [("/", ".tile .delta"), ("/styleguide", ".tile .spark")])
def test_amount_change_and_line_of_a_tile_lie_apart(browser, site, path, part):
    with tab(browser, site, locale="fr-FR") as opened:
        opened.page.goto(path)
        assert opened.page.locator(part).count() > 0
        for width in (320, 360, 390, 1440):
            opened.page.set_viewport_size({"width": width, "height": 800})
            assert opened.page.evaluate("innerWidth") == width
            assert [opened.page.evaluate(TILES, amount) for amount in AMOUNTS] == [[], []], width


def test_values_beside_a_drawing_are_whole_and_near_it(browser, site):
    with tab(browser, site, locale="fr-FR", java_script_enabled=False) as opened:
        opened.page.goto("/asset/bitcoin")
        for width in (320, 360, 640, 1024, 1200, 1440):
            opened.page.set_viewport_size({"width": width, "height": 800})
            assert opened.page.evaluate("innerWidth") == width
            assert opened.page.evaluate(TIMES) == 0, width
            for longest in VALUES:
                values, cut, room = opened.page.evaluate(PLOT, longest)
                assert values >= 3
                assert cut == 0, (width, longest)
                assert room <= 90, width


@pytest.mark.parametrize("path", ["/sources", "/onchain/defi", "/jobs", "/markets/movers"])
@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_choices_beside_one_another_are_whole_on_a_phone(used, filled, path, language):
    with used(filled, locale=language, viewport={"width": 320, "height": 800}) as opened:
        opened.page.goto(path)
        assert opened.page.locator(".segments > *").count() > 1
        assert opened.page.evaluate(CHOICES) == []
        assert opened.page.evaluate(WIDER) is False


@pytest.mark.parametrize("path", ["/health", "/sources", "/derivatives/open-interest", "/onchain/defi"])
def test_no_text_lies_over_its_neighbour_on_a_phone(used, filled, path):
    with used(filled, **PHONE) as opened:
        opened.page.goto(path)
        assert opened.page.locator(".table tbody tr").count() > 0
        assert opened.page.evaluate(OVER) == []


@pytest.mark.parametrize("path", ["open-interest", "basis", "long-short", "liquidations"])
def test_what_matters_of_derivatives_fits_a_phone(used, filled, path):
    with used(filled, **PHONE) as opened:
        opened.page.goto(f"/derivatives/{path}")
        assert opened.page.locator("#rows tbody tr .only-phone").first.is_visible()
        assert opened.page.evaluate(CUT, "#rows") == 0


def test_state_and_freshness_of_a_source_are_seen_on_a_phone(used, filled):
    with used(filled, locale="fr-FR", viewport={"width": 360, "height": 800}) as opened:
        opened.page.goto("/sources?part=figures")
        age = opened.page.locator("#connectors .sub.only-phone").first
        assert age.is_visible()
        assert re.search(r"\d", age.inner_text())
        assert opened.page.evaluate(CUT, "#connectors") == 0


def test_trades_of_a_result_fit_a_phone(browser, tmp_path_factory):
    made, runs = house_with_results(tmp_path_factory.mktemp("results") / "home")
    with (
        served(made) as site,
        tab(browser, site, **PHONE) as opened,
    ):
        opened.page.goto(f"/backtests/{runs['first']}?part=trades")
        assert opened.page.locator("#trade-table summary").first.is_visible()
        assert opened.page.evaluate(CUT, "#trade-table") == 0


def test_a_long_list_in_a_heading_is_short_and_wraps_on_a_phone(used, filled):
    asked = {"strategies": ",".join(["bollinger_squeeze"] * 5), "assets": "bitcoin", "timeframe": "4h"}
    job = filled.house.jobs.put("backtest", asked, owner=OWNER.user)
    with used(filled, **PHONE) as opened:
        opened.page.goto(f"/jobs/{job.id}")
        assert "bollinger_squeeze, bollinger_squeeze + 3" in opened.page.locator("h1").inner_text()
        assert opened.page.evaluate(WIDER) is False


def test_a_matrix_can_be_read_on_a_phone(browser, site):
    with tab(browser, site, viewport={"width": 320, "height": 800}) as opened:
        opened.page.goto("/markets/correlation?interval=1h")
        assert (
            opened.page.evaluate("document.querySelector('.matrix svg').getBoundingClientRect().width") >= 540
        )
        assert opened.page.evaluate(WIDER) is False


def test_the_chart_of_today_fills_the_room_beside_a_long_list_of_changes(browser, site):
    with tab(browser, site, viewport={"width": 1440, "height": 900}) as opened:
        opened.page.goto("/")
        assert 0 < opened.page.evaluate(FILLED) <= 60


@pytest.mark.parametrize("theme", looks.THEMES)
@pytest.mark.parametrize("name", looks.PAGES)
def test_a_page_looks_as_it_did_when_somebody_last_looked(browser, site, theme, name):
    with tab(browser, site, java_script_enabled=False, color_scheme=theme) as opened:
        for room, width in looks.WIDTHS.items():
            now = looks.taken(opened.page, looks.PAGES[name], width)
            share = looks.changed(looks.kept(f"{name}-{room}-{theme}"), now)
            assert share <= looks.SHARE, f"{room}: {share:.1%} look otherwise; `make looks` draws them anew"


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (
            ".badge{background:none!important;color:inherit!important;border-color:transparent!important}",
            "badges",
        ),
        (".button{padding:1rem!important}", "buttons"),
        ("h2{margin-block-start:4rem!important}", "room"),
        (".field{display:inline-block!important}", "fields"),
    ],
)
def test_a_rule_of_style_that_is_lost_is_seen(browser, site, rule, what):
    with tab(browser, site, java_script_enabled=False, color_scheme="light", bypass_csp=True) as opened:
        page = opened.page
        page.route("**/*.css", lambda route: _with(route, rule))
        now = looks.taken(page, "/styleguide", looks.WIDTHS["wide"])
    share = looks.changed(looks.kept("styleguide-wide-light"), now)
    assert share > looks.SHARE, f"{what}: {share:.2%}"


def _with(route, rule):
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text() + rule)
