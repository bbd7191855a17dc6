"""Every page and every form, asked with whatever its address or its fields may hold: refused in words, never a 5xx.

``FUZZ_EXAMPLES`` is how often at most (`make fuzz`); the same inputs come every time, on every machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.databases import wipe
from tests.houses import Browser, house
from vigie.views.web.page import FOLDER, Page, pages

# A page takes ten times as long as an operation.
EXAMPLES: Final = min(100, int(os.environ.get("FUZZ_EXAMPLES", "8")))
# What pages read of an address or of a form, by the name of the field.
READ: Final = re.compile(r"""\b(?:query|form|given|typed|settings)(?:\.get\(|\[|\.pop\()["'](\w+)["']""")
DRAWN: Final = re.compile(r"""\bname=["'](\w+)["']|ui\.\w+\(["'](\w+)["']""")
# What has a meaning somewhere, and what breaks what is not looked at.
SAID: Final = (
    "", " ", "0", "1", "-1", "9" * 30, "1e309", "nan", "0x10", "\u0663", "5 %", "1.5 Md", "bitcoin", "BTC,ETH", ",",
    "en", "fr", "nobody", "24h", "1w", "max", "2026-01-01", "2026-13-45", "2026-02-30T25:61", "0001-01-01",
    "9999-12-31T23:59:59Z",
    "change_24h>0.05", "ratio(market/bitcoin/cap_usd,market/global/cap_usd)", "((((", "a:b:c", "../../etc/passwd",
    "<script>alert(1)</script>", "' OR 1=1 --", "{{ 7*7 }}", "\0", "\ud7ff", "\u202e", "x" * 5_000, "-volume_24h",
    "Europe/Paris", "http://[::1", "https://news.example/a", "true", "csv", "btc-usdt-perp",
    "binance-perp:btc-usdt-perp",
)  # fmt: skip
VALUES: Final = st.sampled_from(SAID) | st.text(max_size=20).filter(
    lambda text: text.isascii() or len(text) < 8
)
IN_ADDRESS: Final = re.compile(r"\{(\w+)(?::\w+)?\}")


def fields(page: Page) -> list[str]:
    """Return the names that a page reads, as far as its folder says."""
    found = {"as_of", "lang", "cursor", "sort", "limit", "next"}
    for path in (FOLDER / page.folder).iterdir():
        if path.suffix in (".py", ".html"):
            text = path.read_text("utf-8")
            found |= set(READ.findall(text))
            found |= {name for both in DRAWN.findall(text) for name in both if name}
    return sorted(found - {"csrf"})


def said(names: list[str]) -> st.SearchStrategy[Mapping[str, str]]:
    """Return some fields with some values."""
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=6)


def filled(path: str, words: list[str]) -> str:
    """Return an address with its parameters filled; what would lead elsewhere is written as one part."""
    rest = iter(words)
    return IN_ADDRESS.sub(lambda _: quote(next(rest), safe="") or "-", path)


def acts() -> list[Any]:
    """Return (page, path) of every form."""
    return [pytest.param(page, path, id=path) for page in pages().values() for path in page.actions]


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Give the owner's browser on a house with bars."""
    return Browser(house(tmp_path_factory.mktemp("pages") / "home"))


def fuzzed(names: list[str], ask: Any) -> None:
    """Ask again and again."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(more=said(names), words=st.lists(VALUES, min_size=3, max_size=3))
    def each(more: Mapping[str, str], words: list[str]) -> None:
        answer = ask(more, words)
        assert answer.status_code < 500, (answer.request.url, dict(more), answer.text[:300])

    each()


@pytest.mark.parametrize("page", pages().values(), ids=lambda page: page.path)
def test_a_page_answers_whatever_its_address_holds(owner, page):
    wipe(owner.app.state.web.app_context.accounts.database)
    fuzzed(fields(page), lambda more, words: owner.get(filled(page.path, words), params=more))


@pytest.mark.parametrize(("page", "path"), acts())
def test_a_form_is_taken_or_refused_whatever_it_holds(owner, page, path):
    wipe(owner.app.state.web.app_context.accounts.database)
    fuzzed(fields(page), lambda more, words: owner.post(filled(path, words), more, follow=False))
