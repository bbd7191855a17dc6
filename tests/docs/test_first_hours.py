"""The first hours say what the pages say: each label that they quote is on a page, each menu is that of its person."""

from __future__ import annotations

import re

import pytest

from tests.shared import ROOT
from vigie.services.demo_world import FIRST_BACKTESTS
from vigie.services.studio.plan import preset_titles
from vigie.views.web.menu import GROUPS, ORDER
from vigie.views.web.page import pages

HOURS = ("beginner", "journalist", "trader")
CATALOGUE = ROOT / "src" / "vigie" / "locales" / "fr.po"
# Names of files and languages, the sign of a box, and words that are stressed.
ELSE = {"English", "Français", "PNG", "SVG", "XLSX", "i", "First", "Confirmed", "unusual"}


def text_of(person: str) -> str:
    return (ROOT / "docs" / f"first-hour-{person}.md").read_text(encoding="utf-8")


def quoted(text: str) -> set[str]:
    """Return what stands in bold or italic type, outside code."""
    plain = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    found = re.findall(r"\*\*(.+?)\*\*", plain, re.DOTALL)
    rest = re.sub(r"\*\*.+?\*\*", "", plain, flags=re.DOTALL)
    found += re.findall(r"(?<![*\w])\*([^*\n][^*]*?)\*(?![*\w])", rest)
    return {" ".join(label.split()) for label in found} - ELSE


@pytest.fixture(scope="module")
def labels() -> set[str]:
    """Return every English text of the pages."""
    found = {
        "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', one)).replace('\\"', '"')
        for one in re.findall(r'^msgid ((?:".*"\n)+)', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    }
    return found | set(preset_titles("en").values())


@pytest.mark.parametrize("person", HOURS)
def test_labels_that_a_first_hour_quotes_are_on_the_pages(person: str, labels: set[str]):
    assert sorted(quoted(text_of(person)) - labels) == []


def test_the_rule_form_has_its_fields_where_the_first_hour_of_a_journalist_says():
    section = text_of("journalist").partition("## 6.")[2].partition("## 7.")[0]
    said = re.search(r"\*More conditions\* has (.*?);", section, re.DOTALL)[1]
    also = re.search(r"\*Quiet hours and\s+limits\* has (.*?)\.", section, re.DOTALL)[1]
    form = (
        (ROOT / "src/vigie/views/web/pages/alerts/page.html")
        .read_text(encoding="utf-8")
        .partition("</form>")[0]
    )
    folds = dict(
        re.findall(r'<summary><span>\{\{ _\("(.*?)"\) \}\}</span></summary>(.*?)</details>', form, re.DOTALL)
    )
    assert sorted(folds) == ["More conditions", "Quiet hours and limits"]
    for text, fold in ((said, "More conditions"), (also, "Quiet hours and limits")):
        assert quoted(text)
        assert [label for label in quoted(text) if f'_("{label}")' not in folds[fold]] == []
    elsewhere = quoted(section) - quoted(said) - quoted(also)
    assert [label for label in elsewhere if any(f'_("{label}")' in fold for fold in folds.values())] == []


@pytest.mark.parametrize("person", HOURS)
def test_the_menu_that_a_first_hour_names_is_the_persons(person: str):
    built = {page.group for page in pages().values()}
    titles = [GROUPS[name][0] for name in ORDER[person] if name in built]
    (said,) = re.findall(
        r"menu (?:now begins with|has)\s+([^;.]*?),?(?: in this order)?[;.]", text_of(person)
    )
    names = re.split(r",\s+|\s+and\s+", said)
    assert len(names) >= 3
    assert names == titles[: len(names)]


def test_docs_count_the_first_backtests_of_a_demonstration():
    count = ("", "one", "two", "three", "four", "five", "six", "seven", "eight")[len(FIRST_BACKTESTS)]
    assert f"The demonstration starts {count} at its first start" in text_of("trader")
    assert f"{count.capitalize()} backtests run as jobs" in (ROOT / "docs" / "demo.md").read_text(
        encoding="utf-8"
    )
