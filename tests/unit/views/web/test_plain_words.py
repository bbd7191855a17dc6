"""Labels are short and no sentences, sentences are easy to read, and no word is one that nobody uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import doc_commands

from tests.architecture.source_tree import ROOT
from tests.unit.views.web.test_texts import named_texts
from tests.unit.views.web.texts import CATALOGUE, WEB, asked, declared_columns, po_of
from vigie.config.settings import Settings
from vigie.services.operation import operations
from vigie.views.web.language import texts
from vigie.views.web.menu import ORDER
from vigie.views.web.page import FOLDER, pages

# How many words a label has at most.
LONGEST = {"en": 4, "fr": 6}
# How easy sentences are at least, by Flesch in English and by Kandel and Moles in French; 60 is plain language.
EASIEST = 60.0
TEXT = r'_\("((?:[^"\\]|\\.)*)"'
MACRO = re.compile(rf"ui\.(?:(?:button|card|tile|link_button)\(|field\([^,]*,)\s*{TEXT}")
TAGS = re.compile(
    rf"<(?:h[1-6]|th|button|summary|legend|dt)\b[^>]*>(?:\s*{{{{ ui\.icon\([^}}]*}}}})?\s*{{{{ {TEXT}"
)
BANNED = re.compile(
    r"\b(?:mend(?:s|ed|ing)?|shall|begun|laid aside|one that|who cannot|so many|turned round|of which one|held back"
    r"|told of)\b",
    re.I,
)


def labels() -> Iterator[str]:
    """Yield buttons, headings, cards, tiles, fields, columns and titles of pages."""
    for path in WEB.rglob("*.html"):
        source = path.read_text("utf-8")
        for pattern in (MACRO, TAGS):
            yield from pattern.findall(source)
    yield from (column.title for column in declared_columns() if column.title)
    for page in pages().values():
        yield page.title


def words(label: str) -> list[str]:
    """Return the words; a placeholder is one, and what stands in brackets too."""
    plain = re.sub(r"%\(\w+\)s|\([^)]*\)", " x ", label)
    return [word for word in plain.split() if re.search(r"\w", word)]


def test_labels_are_short_and_end_without_a_full_stop():
    french = texts("fr")
    found = set(labels())
    assert len(found) > 900
    said = {"en": found, "fr": {french[label] for label in found if label in french}}
    assert [
        label
        for language, some in said.items()
        for label in some
        if len(words(label)) > LONGEST[language] or re.search(r"[^.]\.$", label)
    ] == []


def test_labels_have_no_relative_clause():
    assert [label for label in set(labels()) if re.search(r"\b(?:that|who|which|whose)\b", label)] == []


def syllables(word: str, language: str) -> int:
    """Count groups of vowels; a last e that nobody hears is none, and a short word has one at least."""
    groups = len(re.findall(r"[aeiouyàâäéèêëîïôöùûüœæ]+", word))
    silent = re.search(r"[^aeiouyl]e$" if language == "en" else r"[^aeiouyéèêàù](?:e|es|ent)$", word)
    return max(1, groups - bool(silent))


def ease(said: list[str], language: str) -> float:
    """Return how easy sentences are: long sentences and long words make it less."""
    sentences = [
        re.findall(r"[^\W\d_]+", part.lower())
        for text in said
        for part in re.split(r"(?<=[.!?;:])\s+", re.sub(r"%\(\w+\)s|`[^`]*`|</?\w[^>]*>", "x", text))
    ]
    sentences = [sentence for sentence in sentences if len(sentence) >= 4]
    count = sum(len(sentence) for sentence in sentences)
    sounds = sum(syllables(word, language) for sentence in sentences for word in sentence)
    length, weight = count / len(sentences), sounds / count
    return {"en": 206.835 - 1.015 * length - 84.6 * weight, "fr": 207 - 1.015 * length - 73.6 * weight}[
        language
    ]


def test_the_measure_of_ease_tells_plain_sentences_from_hard_ones():
    plain, hard = "The price of a coin goes up and down.", (
        "Notwithstanding considerable idiosyncratic volatility, diversification opportunities materialise."
    )  # fmt: skip
    assert ease([plain], "en") > 90
    assert ease([hard], "en") < 0
    assert ease(["Le prix monte et descend chaque jour."], "fr") > 90
    assert ease(["L’interopérabilité institutionnelle conditionne l’intermédiation financière."], "fr") < 0


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "folder", sorted({pages()[name].folder for name in ORDER["beginner"] if name in pages()})
)
def test_sentences_of_the_pages_for_beginners_are_easy_to_read(folder, language):
    french = texts("fr")
    sentences = [text for text in asked(FOLDER / folder) if re.search(r"[a-z]\.$", text)]
    assert len(sentences) > 5
    said = sentences if language == "en" else [french[text] for text in sentences]
    assert ease(said, language) >= EASIEST


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
        if not {"_generated", "roadmap", "decisions"} & set(path.parts)
        # A record of the past, and the two pages that are kept as they are.
        and path.name not in {"CHANGELOG.md", "life-of-a-bar.md", "life-of-an-order.md"}
    ),
    ids=lambda path: path.name,
)
def test_documents_use_words_that_people_use(path: Path):
    assert [line for line in path.read_text("utf-8").splitlines() if BANNED.search(line)] == []


def test_texts_use_words_that_people_use():
    said = {text for path in (CATALOGUE,) for text in po_of(path)}
    assert len(said) > 3_000
    assert {text for text in said if BANNED.search(re.sub(r"%\(\w+\)s", "", text))} == set()


def descriptions(schema: object) -> Iterator[str]:
    """Yield the descriptions of a schema."""
    match schema:
        case {"description": str(text)}:
            yield text
    if isinstance(schema, dict | list):
        for part in schema.values() if isinstance(schema, dict) else schema:
            yield from descriptions(part)


def test_commands_settings_and_inputs_of_programs_use_words_that_people_use():
    said = {*doc_commands.page().splitlines(), *descriptions(Settings.model_json_schema())}
    said |= {
        text for one in operations().values() for text in descriptions(one.input_type.model_json_schema())
    }
    said |= set(named_texts().values())
    assert len(said) > 3_000
    assert {text for text in said if BANNED.search(re.sub(r"%?[({]\w+[)}]s?", "", text))} == set()
