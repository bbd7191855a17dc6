"""Word for word the same text at several publishers: one line among the stories, with who had it first and last."""

from __future__ import annotations

import html
import re

import pytest

from tests.databases import HandClock
from tests.houses import START, Browser, house
from tests.newsrooms import read_all
from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS, parse_time
from vigie.ports.source_fetches import SourceFetch

EVENT = parse_time(START) + 200 * 24 * HOUR_MS
TITLE = "Orbit Vault halts bitcoin withdrawals after 40 million dollars leave its wallets"
TEXT = (
    "Orbit Vault stopped withdrawals of bitcoin on Tuesday. The custodian said 40 million dollars had left its hot "
    "wallets overnight. Police in Lisbon were told, and customers are to be informed within two days."
)
# Who has it, and how many minutes after the first.
COPIES = (
    ("decrypt", "decrypt.co", 0),
    ("journalducoin", "journalducoin.com", 12),
    ("cointelegraph", "cointelegraph.com", 25),
    ("coindesk", "www.coindesk.com", 40),
)
OWN_WORDS = (
    "theblock",
    "www.theblock.co",
    20,
    "Custodian Orbit Vault loses 40 million dollars, stops payouts of bitcoin",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Keep four copies of one text, and one report of the same event in its own words."""
    opened = house(tmp_path_factory.mktemp("home"), clock=HandClock(EVENT + 3 * HOUR_MS))
    for source, host, minutes in COPIES:
        seen = EVENT + minutes * 60_000
        said = Sighting(source, "e", f"https://{host}/e", TITLE, TEXT, ts_published=seen, precision="minute")
        opened.items.take(SourceFetch(source, seen, (said,)))
    source, host, minutes, title = OWN_WORDS
    seen = EVENT + minutes * 60_000
    said = Sighting(
        source, "e", f"https://{host}/e", title, "Nobody may withdraw.", ts_published=seen, precision="minute"
    )
    opened.items.take(SourceFetch(source, seen, (said,)))
    read_all(opened)
    return opened


def rows_of(page):
    table = page.partition('class="table stories"')[2].partition("</table>")[0]
    return [row for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL) if "/story/" in row]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_copies_are_one_line_with_first_and_last_publisher_and_do_not_count(built, language):
    browser = Browser(built, language=language)
    rows = rows_of(html.unescape(browser.get("/news?period=24h").text))
    (row,) = rows
    first, last = re.search(
        r'hide-phone sub">(.*?) <span aria-hidden.*?</span> ([^<]*)</td>', row, re.DOTALL
    ).groups()
    assert (first, last) == ("Decrypt", "CoinDesk")
    # Two tell it in their own words; three of five items are copies.
    assert re.search(r'<td class="num hide-phone">(\d+)</td>', row)[1] == "2"
    story = re.search(r'href="(/story/[^"]*)"', row)[1]
    page = html.unescape(browser.get(story).text)
    assert [
        name for name in ("Decrypt", "Journal du Coin", "Cointelegraph", "CoinDesk") if name not in page
    ] == []
