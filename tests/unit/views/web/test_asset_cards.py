"""Cards of an asset: what stands out against its own past comes first, the other figures are folded."""

import re
from html import unescape

import pytest

from tests.houses import Browser
from tests.unit.services.figures_material import EIGHT, NOW, empty, full
from tests.unit.views.web.test_figure_pages import main_of
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS

WORDS = {
    "en": (
        "higher than usual",
        "Nothing is unusual against its own past.",
        "Not known yet: 30 days of values",
    ),
    "fr": (
        "plus haut que d’habitude",
        "Rien d’inhabituel par rapport à son propre passé.",
        "Pas encore connu",
    ),
}


def card(page, key):
    """Return what stands in a card before what is folded, and that."""
    found = page.partition(f'id="{key}"')[2].partition("</section>")[0]
    shown, _, folded = found.partition("<details")
    return plain(shown), folded


def plain(text):
    return re.sub(r"[\s\u00a0\u202f]+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def with_active_addresses(home, last):
    """Return a house in which the addresses of a chain went up and down for a year, and where they are now."""
    made = empty(home)
    made.facts.append(
        [
            Observation("onchain/bitcoin/adr_act_cnt", ts, ts, value)
            for day in range(400)
            for ts in [NOW - (400 - day) * DAY_MS]
            for value in [last if day == 399 else 1_000.0 + day % 9]
        ]
        + [
            Observation("onchain/bitcoin/cap_mvrv_cur", NOW - DAY_MS, NOW - DAY_MS, 1.5),
        ]
    )
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return full(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_unusual_comes_first_and_only_there(built, language):
    shown, folded = card(main_of(Browser(built, language=language).get("/asset/bitcoin")), "derivatives")
    assert WORDS[language][0] in shown
    # The venue's rate is far above its past: said above with its usual range, and not once more below.
    assert f'id="funding_8h-{EIGHT.replace(":", "-")}"' not in folded
    assert 'id="open_interest_usd-' in folded
    assert folded.startswith(' class="fold"><summary>')


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_unusual_is_said(tmp_path, language):
    made = with_active_addresses(tmp_path / "home", 1_004.0)
    shown, folded = card(main_of(Browser(made, language=language).get("/asset/bitcoin")), "onchain")
    assert WORDS[language][1] in shown
    assert 'id="adr_act_cnt"' in folded
    assert 'id="cap_mvrv_cur"' in folded
    assert folded.startswith(' class="fold"><summary>')


@pytest.mark.parametrize("language", ["en", "fr"])
def test_of_chains_the_figure_that_stands_out_is_named_and_can_be_followed(tmp_path, language):
    made = with_active_addresses(tmp_path / "home", 9_000.0)
    page = main_of(Browser(made, language=language).get("/asset/bitcoin"))
    shown, folded = card(page, "onchain")
    assert {"en": "Active addresses", "fr": "Adresses actives"}[language] in shown
    assert 'id="adr_act_cnt"' not in folded
    assert 'id="cap_mvrv_cur"' in folded
    assert "adr_act_cnt&amp;days=365" in page
    # As it was known a month ago it was as usual.
    past = main_of(Browser(made, language=language).get("/asset/bitcoin?as_of=2025-09-10"))
    assert WORDS[language][1] in card(past, "onchain")[0]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_where_no_past_is_known_all_figures_are_shown(tmp_path, language):
    made = empty(tmp_path / "home")
    made.facts.append([Observation("onchain/bitcoin/adr_act_cnt", NOW - DAY_MS, NOW, 5.0)])
    shown, folded = card(main_of(Browser(made, language=language).get("/asset/bitcoin")), "onchain")
    assert WORDS[language][2] in shown
    assert folded.startswith(' class="fold" open>')
