"""Mails of alerts as Chromium shows them on a narrow and a wide screen, and their text part beside it.

``pytest tests/e2e/test_mail_looks.py --basetemp FOLDER`` keeps the pictures in a folder.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.databases import HandClock
from tests.e2e import looks
from tests.e2e.houses import room
from tests.unit.services.alerting.material import channel, mailing, read, rule
from vigie.domain.person import OWNER
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.mails import LONGEST_SENTENCE, mail_of, quote_opening
from vigie.services.app_context import AppContext
from vigie.services.needs import bound

LONG = "https://valmer-markets.example/releases/" + "a-long-word-" * 30
TEXT = (
    "The Authority adopts rules for custodians of Bitcoin & other assets. They hold from 1 March 2027. "
    "Firms apply by 30 June. A fourth sentence stays at the source."
)
FIRST = TEXT.removesuffix(" A fourth sentence stays at the source.")
WIDTHS = (320, 700)


def messages(place: AppContext, language: str):
    """Return the mail of a release, and of its correction."""
    mine = channel(place, f"{language}@example.org")
    rule(place, mine.id, language=language)
    told = {"title": f"Garde des actifs : {'x' * 60} <règle>", "text": TEXT, "url": LONG}
    found = {"language": {"language": "en"}}
    for status in ("confirmed", "corrected"):
        bound(place, dispatch_read_items)([read(status=status, found=found, **told)])
    taken = place.alerts.take("test", for_ms=60_000)
    return [bound(place, mail_of)([one], mine) for one in sorted(taken, key=lambda one: one.alert.mark)]


def as_lines(page: str) -> list[str]:
    """Return what an HTML mail says, in lines as its text part has them."""
    body = page.partition("<body")[2].partition(">")[2]
    body = re.sub(r'<a href="([^"]*)">([^<]*)</a>', _link, body)
    told = re.split(r"</(?:p|h1|blockquote)>", body)
    return [html.unescape(re.sub(r"<[^>]*>", "", line)) for line in told if re.sub(r"<[^>]*>", "", line)]


def _link(found: re.Match[str]) -> str:
    return found[1] if found[1] == found[2] else f"{found[2]}@{found[1]}"


def place_of(home: Path) -> AppContext:
    built = mailing(home, "smtp://127.0.0.1:25", HandClock())
    built.accounts.put_settings(OWNER.user, {"zone": "Europe/Paris"})
    return built


@pytest.fixture
def place(tmp_path):
    return place_of(tmp_path / "home")


@pytest.mark.browser
def test_a_mail_looks_as_it_did_when_somebody_last_looked_at_it(tmp_path, lent):
    with lent() as browser:
        for language, picture in looks.mails(browser, tmp_path):
            before = looks.kept(f"{looks.MAIL}-{language}")
            assert looks.changed(before, picture) <= looks.SHARE, language
            # Another colour of the link or another order of the parts is seen.
            assert looks.changed(before, picture[::-1]) > looks.SHARE


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_text_part_says_what_the_html_part_says(place, language):
    for message in messages(place, language):
        text = [line for line in message.text.splitlines() if line]
        colon = "\N{NO-BREAK SPACE}: " if language == "fr" else ": "
        shown = [re.sub("@(https://)", rf"{colon}\1", line) for line in as_lines(message.html)]
        assert [line.rstrip() for line in text] == [line.rstrip() for line in shown]
        assert message.text.splitlines()[2] == LONG
        assert FIRST in message.text
        assert "fourth sentence" not in message.text
        assert re.search(r"\d\d:\d\d:\d\d CES?T \(\d\d:\d\d:\d\d UTC\)", message.text)


def test_the_first_sentences_are_the_publishers_own():
    assert quote_opening(TEXT, "Custody") == FIRST
    assert quote_opening("Custody of Bitcoin. They hold.", "Custody of Bitcoin.") == "They hold."
    assert quote_opening("", "Custody") == quote_opening(" \n ", "Custody") == ""
    endless = "word " * 400
    cut = quote_opening(endless, "Custody")
    assert cut.endswith("word […]")
    assert len(cut) <= LONGEST_SENTENCE + 4


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_mail_is_wider_than_the_screen(place, scheme, tmp_path, lent):
    with lent() as browser:
        # One tab for all: to open one takes more than to show a mail in it.
        page = room(browser, color_scheme=scheme).new_page()
        for language in ("en", "fr"):
            for kind, message in zip(("new", "correction"), messages(place, language), strict=True):
                page.set_content(message.html)
                assert page.locator("blockquote").get_attribute("lang") == "en"
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 800})
                    assert page.evaluate("document.documentElement.scrollWidth") <= width
                    page.screenshot(path=tmp_path / f"{language}-{kind}-{scheme}-{width}.png", full_page=True)
