"""A language is a catalogue: Spanish has the menu and Today, and one that is put beside the others can be read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_pages import addresses
from tests.houses import Browser, house
from tests.unit.views.web.test_texts import named_texts, placeholders
from tests.unit.views.web.texts import po_of
from vigie.catalogue import (
    LOCALES,
    complete_language,
    complete_languages,
    languages,
    read_catalogue,
    spoken_languages,
)
from vigie.intelligence.news.known_dates import load_known_dates
from vigie.services.alerting.mails import language_of
from vigie.views.web.language import UserLanguage, preferred_language, texts

ROOT = Path(__file__).parents[4]
PARTIAL = sorted(set(languages()) - set(complete_languages()))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(house(tmp_path_factory.mktemp("home")))


def test_dates_known_beforehand_are_spanish() -> None:
    assert {date.en for date in load_known_dates()} - set(texts("es")) == set()


@pytest.mark.parametrize("language", PARTIAL)
def test_every_page_opens_in_a_partial_language(browser: Browser, language: str) -> None:
    found = {path: browser.get(f"{path}?lang={language}") for path in addresses()}
    assert {path: answer.status_code for path, answer in found.items() if answer.status_code != 200} == {}
    # Signing in leads on to Today.
    assert [path for path, answer in found.items() if f'lang="{language}"' not in answer.text] == ["/login"]


def test_a_partial_language_is_for_who_chooses_it(browser: Browser) -> None:
    assert preferred_language("es, fr;q=0.5") == "fr"
    assert preferred_language("es") == "en"
    assert 'hreflang="es"' not in browser.get("/").text
    settings = browser.get("/settings").text
    assert ">Español (parcial)</option>" in settings
    assert ">Français</option>" in settings
    assert 'lang="es"' in browser.get("/welcome").text


def test_who_chose_a_partial_language_gets_mails_in_english(tmp_path: Path) -> None:
    opened = house(tmp_path / "home")
    browser = Browser(opened)
    given = {"language": "es", "persona": "", "zone": "UTC", "theme": "auto"}
    assert browser.post("/settings", given).status_code == 200
    assert 'lang="es"' in browser.get("/").text
    assert language_of(opened.accounts, "owner") == "en"
    assert complete_language("fr") == "fr"


@pytest.mark.parametrize("language", PARTIAL)
def test_a_partial_language_translates_texts_that_there_are(language: str) -> None:
    french, own = read_catalogue("fr"), read_catalogue(language)
    assert set(own.texts) <= set(french.texts)
    assert set(own.named) <= set(french.named)
    said = {**po_of(LOCALES / f"{language}.po"), **own.named}
    english = {**{text: text for text in own.texts}, **named_texts()}
    assert [text for text, own_text in said.items() if not own_text] == []
    assert [
        text
        for text, own_text in said.items()
        if placeholders(english.get(text, text)) != placeholders(own_text)
    ] == []


def test_spanish_writes_numbers_and_days_as_its_locale() -> None:
    spanish = UserLanguage("es")
    assert spanish.unit(28_308.1, "usd") == "28.308,10\u00a0$"
    assert spanish.unit(2.93e12, "usd") == "2.930.000\u00a0M\u00a0$"
    assert spanish.percent(-0.0078) == "\u22120,78\u00a0%"
    assert spanish.long_date(0) == "jueves, 1 de enero de 1970"
    assert spanish.plural("%(num)s row", "%(num)s rows", 0) == "%(num)s filas"


# Of a folder with one more catalogue: which languages there are, what boards and settings accept, and a page in it.
PROGRAM = """
import sys
from pathlib import Path
from vigie import catalogue
catalogue.LOCALES = Path(sys.argv[1])
from tests.houses import Browser, house
browser = Browser(house(Path(sys.argv[2])), language="de")
accepted = browser.post("/settings", {"language": "de", "zone": "UTC", "theme": "auto", "persona": ""}).status_code
page = browser.get("/").text
print(*catalogue.complete_languages(), accepted, 'lang="de"' in page, ">Heute<" in page, "28.308,10" in page)
"""


@pytest.mark.parametrize(
    ("partial", "complete"),
    [pytest.param("X-Vigie-Partial: teilweise", "en fr", marks=pytest.mark.chaos), ("X-A: b", "de en fr")],
)
def test_a_language_is_one_more_file(tmp_path: Path, partial: str, complete: str) -> None:
    folder = tmp_path / "locales"
    shutil.copytree(LOCALES, folder)
    french = (folder / "fr.po").read_text("utf-8")
    head = (
        french.partition("\n\n")[0]
        .replace("Language: fr", "Language: de")
        .replace("Français", "Deutsch")
        .replace("fr_FR", "de_DE")
    )
    made_up = french.partition("\n\n")[2].replace('"Aujourd\u2019hui"', '"Heute"')
    (folder / "de.po").write_text(f'{head}\n"{partial}\\n"\n\n{made_up}', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), str(tmp_path / "home")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    *found, accepted, is_in_it, is_named, has_its_numbers = done.stdout.split()
    assert sorted(found) == complete.split()
    assert (accepted, is_in_it, is_named, has_its_numbers) == ("200", "True", "True", "True")


def test_scripts_are_told_the_language_before_they_run(browser: Browser) -> None:
    for language, locale, remove in (("fr", "fr-FR", "Retirer le dessin"), ("es", "es", None)):
        page = browser.get(f"/?lang={language}").text
        address = re.findall(r'<script src="(/texts/[^"]+)" defer></script>', page)[0]
        assert page.index(address) < page.index('type="module"')
        answer = browser.get(address)
        told = json.loads(answer.text.removeprefix("globalThis.vigieLanguage=").removesuffix(";\n"))
        assert "immutable" in answer.headers["cache-control"]
        assert (told["locale"], told["point"], told["isSpaced"]) == (locale, ",", True)
        assert told["chart"].get("remove") == remove
        assert told["texts"]["close"]
    assert "/texts/" not in browser.get("/?lang=en").text
    assert browser.get("/texts/fr-0123456789.js").status_code == 404


def test_a_language_says_its_name() -> None:
    assert {code: one.title for code, one in spoken_languages().items()} == {
        "en": "English", "es": "Español (parcial)", "fr": "Français",
    }  # fmt: skip


def test_parts_of_a_page_speak_its_language_whatever_was_chosen(browser: Browser) -> None:
    """Of a page whose address says one: the palette, what is asked for again, and a form that is refused."""
    browser.post("/look", {"next": "/", "language": "en"})
    of_page = {"X-Vigie-Language": "fr"}
    found = browser.get("/palette?q=help", headers=of_page).json()["items"]
    assert "Aide" in {one["title"] for one in found} | {
        one["title"] for one in browser.get("/palette?q=aide", headers=of_page).json()["items"]
    }
    part = browser.get("/", headers={"hx-request": "true", "hx-target": "div#summary", **of_page})
    assert part.headers["content-language"] == "fr"
    assert "X-Vigie-Language" in part.headers["vary"]
    refused = browser.post("/welcome", {"step": "persona", "persona": "pirate"}, of="/welcome?lang=fr")
    assert (refused.status_code, refused.headers["content-language"]) == (400, "fr")
    assert browser.get("/", headers={"X-Vigie-Language": "xx"}).headers["content-language"] == "en"
    assert browser.get("/?lang=xx").headers["content-language"] == "en"
