"""The report as one page: self-contained, safe, complete, accessible in structure."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tests.unit.research.report_runs import HOSTILE, hostile_run, luck, notes, simulated_run, small_run
from vigie.domain.errors import UsageError
from vigie.research.report import ReportChange, render_report
from vigie.research.report.numbers import DRAWDOWN_DIGITS, report_numbers

VOID = {"meta", "link", "input", "wbr", "br", "img", "hr"}


class Page(HTMLParser):
    """Elements of a page in order: tag, attributes, and the text inside of the ones asked for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.children: dict[int, set[str]] = {}
        self._open: list[tuple[str, int]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for _, parent in self._open:
            self.children.setdefault(parent, set()).add(tag)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag: str) -> None:
        while self._open and any(name == tag for name, _ in self._open):
            if self._open.pop()[0] == tag:
                return

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    return render_report(simulated_run(), notes=notes())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def data_of(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)[1])


def test_page_loads_nothing_from_anywhere(page: Page, html: str) -> None:
    for _, attributes in page.elements:
        assert "src" not in attributes
        href = attributes.get("href")
        assert href is None or href.startswith("#") or href == "data:,"
        assert not any(name.startswith("on") for name in attributes)
    css = re.search(r"<style>(.*?)</style>", html, re.S)[1]
    assert "url(" not in css
    assert "@import" not in css
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import)\s*\(", html)
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) == {"http://www.w3.org/2000/svg"}


def test_page_forbids_every_load_by_policy(page: Page) -> None:
    policies = [
        meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:",
    ]


def test_hostile_names_stay_text_in_markup_and_data() -> None:
    html = render_report(
        hostile_run(), notes=notes(title=HOSTILE, changes=(ReportChange(HOSTILE, HOSTILE, HOSTILE),))
    )
    assert "<img" not in html
    assert html.count("</script>") == 3
    slot = data_of(html)["slots"][0]
    assert HOSTILE in slot["name"]
    assert slot["long"][0][0] == HOSTILE


def test_one_heading_of_first_rank_and_no_rank_skipped(page: Page) -> None:
    ranks = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))


def test_tables_have_captions_and_headings_have_a_scope(page: Page) -> None:
    for at, (tag, attributes) in enumerate(page.elements):
        if tag == "table":
            assert "caption" in page.children[at]
        if tag == "th":
            assert attributes.get("scope") in {"col", "row", "rowgroup"}


def test_drawings_have_a_title_and_a_description_or_are_hidden(page: Page) -> None:
    drawn = [(at, a) for at, (tag, a) in enumerate(page.elements) if tag == "svg"]
    named = [at for at, attributes in drawn if attributes.get("role") == "img"]
    assert len(named) == 3
    assert all({"title", "desc"} <= page.children[at] for at in named)
    assert all(a.get("role") == "img" or a.get("aria-hidden") == "true" for _, a in drawn)


def test_ids_are_unique_and_every_reference_finds_one(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        wanted = (attributes.get("aria-labelledby") or "").split()
        if (attributes.get("href") or "").startswith("#"):
            wanted.append(attributes["href"][1:])
        assert set(wanted) <= set(ids)


def test_every_trade_stands_in_the_page_without_scripts(page: Page) -> None:
    rows = [a["id"] for a in page.all("tr") if re.fullmatch(r"t\d+", a.get("id") or "")]
    assert len(rows) == simulated_run().total.trades > 50


def test_title_says_simulated_only_where_it_is(html: str) -> None:
    assert "generated from a seed" in html
    real = render_report(simulated_run(), notes=notes(is_simulated=False))
    assert "generated from a seed" not in real
    assert "badge" not in re.sub(r"<style>.*?</style>", "", real, flags=re.S)


def test_unchecked_run_says_so_and_checked_run_says_what_was_checked(html: str) -> None:
    assert "no look-ahead" in html
    assert "--no-check" not in html
    unchecked = render_report(simulated_run(check=False), notes=notes())
    assert "Checks were switched off (--no-check)" in unchecked
    assert "no look-ahead" not in unchecked


def test_verdict_shows_its_numbers_and_reasons_even_unknown_ones() -> None:
    html = render_report(simulated_run(), notes=notes(verdict=luck(), verdict_on="the third slot"))
    assert luck().sentence.replace("not distinguishable from luck", "could be luck") in html
    for words in (
        "Verdict for the third slot.",
        "Deflated Sharpe ratio 0.31",
        "overfitting (PBO) 0.62",
        "between −0.50 and 2.50",
    ):
        assert words in html
    assert "The Deflated Sharpe ratio 0.31 is below 0.95" in html
    assert "a reason of tomorrow" in html
    assert "p-value" not in html


def test_absent_verdict_is_said(html: str) -> None:
    assert "No verdict: nothing was traded, or the checks" in html


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (None, "First run with this configuration, or nothing"),
        ((), "Nothing changed since"),
        ((ReportChange("slippage", "3", "5"),), '<th scope="row">slippage<td class="n">3<td class="n">5'),
    ],
)
def test_changes_since_the_last_run(changes: tuple[ReportChange, ...] | None, words: str) -> None:
    assert words in render_report(small_run(), notes=notes(changes=changes))


def test_settings_origin_and_files_are_printed() -> None:
    given = notes(
        settings={"capital": "10000", "last": "1500"},
        data_fingerprint="f1n9er",
        decision_hash="dec1s10n",
        files=("trades.csv",),
        made_ts=1_700_000_000_000,
    )
    html = render_report(small_run(), notes=given)
    for words in (
        "f1n9er",
        "dec1s10n",
        "9.9.9",
        "trades.csv",
        '<th scope="row">last<td>1500',
        "2023-11-14 22:13",
    ):
        assert words in html


def test_same_run_gives_the_same_file() -> None:
    assert render_report(simulated_run(), notes=notes()) == render_report(simulated_run(), notes=notes())


def test_shared_account_is_one_account_and_says_how_slots_are_drawn() -> None:
    html = render_report(simulated_run("portfolio"), notes=notes())
    assert "one account with 6 active strategies went from 10,000 USDT to" in html
    assert "In a shared account" in html
    assert "instrument_taken" in html


@pytest.mark.parametrize("n_bars", [1, 2, 20])
def test_run_without_trades_is_a_page(n_bars: int) -> None:
    html = render_report(small_run(n_bars), notes=notes())
    assert "No trades" in html
    assert "No entries were refused" in html
    assert data_of(html)["trades"]["slot"] == []


def test_french_page_is_french() -> None:
    html = render_report(
        simulated_run(), notes=notes(verdict=replace(luck(), pbo_range=(0.55, 0.7))), language="fr"
    )
    assert '<html lang="fr">' in html
    assert "peut-être de la chance\u00a0: 105 essais (35 variantes, 3 périodes examinées, " in html
    assert "), DSR 0,31, PBO 0,62 (0,55 à 0,70)" in html
    assert "probabilité de surajustement (PBO) 0,62 (0,55 à 0,70)" in html
    assert re.search(r"\d\u202f\d{3},\d\d", html)
    assert "How computed" not in html


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Information, not investment advice."),
        ("fr", "Information, pas un conseil en investissement."),
    ],
)
def test_report_says_that_it_is_no_advice(language: str, words: str) -> None:
    assert words in render_report(small_run(), notes=notes(), language=language)


def test_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(UsageError, match="language must be one of en fr, was 'de'"):
        render_report(small_run(), notes=notes(), language="de")


def test_package_is_imported_without_templates_and_frames() -> None:
    asked = "import sys, vigie.research.report; print({'jinja2', 'polars'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_every_drawdown_has_the_same_decimals(html: str) -> None:
    run = simulated_run()
    values = [run.total.max_drawdown, *(slot.summary.max_drawdown for slot in run.slots)]
    total, *slots = [report_numbers("en").percent(value, DRAWDOWN_DIGITS) for value in values]
    assert all(text in html for text in slots)
    # The tile, the row of the whole run, the description of the curve, and the table of figures.
    assert html.count(total) >= 4
