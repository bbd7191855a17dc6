"""Every text of every page has its French, and no French is left over."""

import ast
import io
import json
import re
import string
from collections import Counter
from importlib import import_module

import pytest
from babel.messages.pofile import read_po

from tests.architecture.source_tree import parsed
from tests.unit.views.web.texts import (
    CATALOGUE,
    PACKAGE,
    asked,
    column_texts,
    folders,
    has_letters,
    po_of,
    said_in_sources,
    shell,
)
from vigie.adapters.sources.news.listing import SHIPPED, SIMULATED, feeds
from vigie.catalogue import NamedTexts, complete_languages, read_catalogue
from vigie.intelligence.market import about, words
from vigie.intelligence.news.known_dates import load_known_dates
from vigie.services.trading.log.trading_event_texts import KINDS, SENTENCES
from vigie.views.web.language import texts
from vigie.views.web.rendering import environment

FOLDERS = list(folders())
# Everything is said in them.
OTHERS = [language for language in complete_languages() if language != "en"]
SCRIPTS = PACKAGE.parents[1] / "frontend" / "src"


def placeholders(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]} | {
        name for _, name, _, _ in string.Formatter().parse(text.replace("%(", "")) if name
    }


@pytest.mark.parametrize("language", OTHERS)
def test_the_names_of_every_shipped_strategys_criteria_are_in_each_complete_catalogue(language):
    names = set()
    for path in (PACKAGE / "trading" / "strategies").glob("*.py"):
        for call in ast.walk(parsed(path)):
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                # A criterion's name is a sentence; parameters and features are one word.
                names |= {text for text in [call.args[0].value] if isinstance(text, str) and " " in text}
    assert "It is the first close in the zone" in names
    assert len(names) > 20
    assert names - set(texts(language)) == set()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_text_of_a_page_is_in_each_complete_catalogue(folder, language):
    missing = {text for text in asked(folder) if has_letters(text)} - set(texts(language))
    assert missing == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_shell_and_of_columns_is_in_each_complete_catalogue(language):
    assert {text for text in shell() if has_letters(text)} - set(texts(language)) == set()


@pytest.mark.parametrize("language", OTHERS)
def test_what_happens_to_an_account_is_in_each_complete_catalogue(language):
    said = {text for kind in KINDS.values() for text in (kind.title, kind.todo) if text}
    said |= {sentence for sentence in SENTENCES if sentence}
    assert len(said) > 50
    assert said - set(texts(language)) == set()


def test_french_keeps_the_placeholders_and_says_something():
    # Refusals may be said without a value; test_refusals.py compares their places.
    said = {str(message.id) for message in read_po(io.BytesIO(CATALOGUE.read_bytes())) if is_refusal(message)}
    assert len(po_of(CATALOGUE)) > 3_000
    assert [english for english, french in po_of(CATALOGUE).items() if not french] == []
    assert [
        english
        for english, french in po_of(CATALOGUE).items()
        if placeholders(english) != placeholders(french) and english not in said
    ] == []


def is_refusal(message) -> bool:
    return (message.context or "").startswith("refusal.")


def named_texts() -> dict[str, str]:
    """Return the texts that have ids of their own, by id: those of modules, of market words and of assets."""
    made = [words._texts(), about._texts()]
    for path in PACKAGE.rglob("*.py"):
        if re.search(r"[=:] NamedTexts\(", path.read_text("utf-8")):
            place = path.parent if path.stem == "__init__" else path.with_suffix("")
            module = import_module(".".join(place.relative_to(PACKAGE.parent).parts))
            values = list(vars(module).values())
            values += [inner for value in values if isinstance(value, dict) for inner in value.values()]
            found = [value for value in values if isinstance(value, NamedTexts)]
            assert found, path
            made += found
    found = {f"{texts_of._name}.{key}": text for texts_of in made for key, text in texts_of["en"].items()}
    # Scripts bring their English along.
    for name, place in (("script", "texts.json"), ("chart", "chart/texts.json")):
        said = json.loads((SCRIPTS / place).read_text("utf-8"))
        found |= {f"{name}.{key}": text for key, text in said.items()}
    return {key: text for key, text in found.items() if text}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_with_an_id_is_in_each_complete_catalogue_and_none_is_left_over(language):
    english, named = named_texts(), read_catalogue(language).named
    french = {key: text for key, text in named.items() if not key.startswith("refusal.")}
    assert len(english) > 1_000
    assert set(english) == set(french)
    assert [key for key, text in french.items() if not text] == []
    assert [key for key, text in french.items() if placeholders(english[key]) != placeholders(text)] == []


def test_dates_known_beforehand_have_their_french():
    said = {date.en for date in load_known_dates()}
    said |= {
        entry.reads["what"] for path in (SHIPPED, SIMULATED) for entry in feeds(path) if "what" in entry.reads
    }
    assert len(said) > 15
    assert said - set(texts("fr")) == set()


def test_english_beside_an_id_is_that_of_the_code():
    english = named_texts()
    messages = read_po(io.BytesIO(CATALOGUE.read_bytes()))
    assert {m.context: m.id for m in messages if m.context and not is_refusal(m)} == english


def test_a_language_without_a_catalogue_is_refused():
    assert dict(NamedTexts("mail", {"digest": "{number} alerts"})["fr"]) == {"digest": "{number} alertes"}
    with pytest.raises(KeyError, match="xx"):
        NamedTexts("mail", {})["xx"]


def test_pages_have_a_title_and_a_description_of_their_own():
    from vigie.views.web.page import pages

    described = [page.description for page in pages().values()]
    assert all(20 <= len(text) <= 160 for text in described)
    assert len(set(described)) == len(described)


def test_no_line_of_french_begins_with_a_mark_that_ends_something():
    assert texts("fr")["Cite: %(title)s"] == "Citer\u00a0: %(title)s"
    assert not [text for text in texts("fr").values() if re.search(r" [;:!?\u00bb]|\u00ab ", text)]


def test_french_is_written_with_the_apostrophe_of_print():
    assert texts("fr")["Overview"] == "Vue d\u2019ensemble"
    assert not [text for text in texts("fr").values() if re.search(r"[^\W\d_]'[\w%\u00ab]", text)]


def test_each_text_stands_once_in_the_catalogue():
    # Of one that has an id of its own, that stands before it.
    ids = re.findall(r'^((?:msgctxt ".*"\n)?msgid (?:".*"\n)+)', CATALOGUE.read_text("utf-8"), re.MULTILINE)
    assert len(ids) > 3_000
    assert [text for text, times in Counter(ids).items() if times > 1] == []


# Put together of parts where they are said.
MADE = re.compile(r"Trigger within [\d.]+ ATR|put back %\(times\)s times; .*")


def test_no_text_is_left_over_in_the_catalogue():
    left = set(texts("fr")) - said_in_sources() - column_texts()
    assert {text for text in left if not MADE.fullmatch(text)} == set()


def test_a_column_is_called_by_a_noun():
    # One English word may be a button somewhere else: "Share", "Open" and "Close" are verbs there.
    french = texts("fr")
    named = {title: french[title] for title in column_texts() if title in french}
    assert len(named) > 300
    infinitives = {
        title: word
        for title, word in named.items()
        if re.fullmatch(r"\w{3,}(er|ir)", word) and word not in {"Premier", "Dernier", "Papier", "Fichier"}
    }
    assert infinitives == {}


@pytest.mark.parametrize("word", ["barre", "Bn", "négocie", "négocié", "emplacement"])
def test_one_thing_has_one_french_word(word):
    said = [*texts("fr").values(), *read_catalogue("fr").named.values()]
    assert [text for text in said if re.search(rf"\b{re.escape(word)}", text)] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_data_in_the_place_of_a_text_may_have_per_cent_signs(language):
    shown = environment(language).from_string("{{ _(terms) }}").render(terms="up to 10 % <of> %(all)s, `5%s`")
    assert shown == "up to 10 % &lt;of&gt; %(all)s, <code>5%s</code>"
