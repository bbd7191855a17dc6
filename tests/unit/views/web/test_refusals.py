"""Refusals in French: each sentence fits what the code says, with its values; the rest stays as it is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.views.web import refusals
from vigie.views.web.language import Tongue

FR, EN = Tongue("fr"), Tongue("en")
SENTENCES = tomllib.loads(
    (Path(refusals.__file__).parent / "locales" / "refusals.fr.toml").read_text("utf-8")
)["sentences"]
SOURCES = "\n".join(
    path.read_text("utf-8")
    for folder in (
        "services",
        "views/web",
        "adapters",
        "data",
        "intelligence",
        "adapters/sources/news/shipped.toml",
        "bootstrap_collector.py",
        "bootstrap_news.py",
        "bootstrap_post.py",
    )
    for top in (Path(refusals.__file__).parents[2] / folder,)
    for path in (top.rglob("*.py") if top.is_dir() else (top,))
)
# Words of libraries, and sentences that begin with a value.
OTHERS = (
    "Not Found", "Method Not Allowed", "String should", "List should", "Input should",
)  # fmt: skip


@pytest.mark.parametrize("english", SENTENCES)
def test_sentence_is_one_that_the_code_says_and_keeps_its_values(english):
    values = {part.split("}")[0] for part in english.split("{")[1:]}
    assert {part.split("}")[0] for part in SENTENCES[english].split("{")[1:]} <= values
    if not english.startswith(OTHERS):
        longest = max((part.split("}")[-1] for part in english.split("{")), key=len)
        assert longest.strip(" ;:,")[:24] in SOURCES, longest


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "api.example.org did not answer in time (tried 3 times)",
            "api.example.org n’a pas répondu à temps (3 essais)",
        ),
        (
            "https://api.example.org/x answered 503: '<html>' (tried 3 times)",
            "https://api.example.org/x a répondu 503 : '<html>' (3 essais)",
        ),
        (
            "https://api.example.org/x answered 429: ''; it asks to wait 600 s: try again then",
            "https://api.example.org/x a répondu 429 : '' ; il demande d’attendre 600 s : réessayez ensuite",
        ),
        (
            "https://a.example answered '<p>', which is not JSON",
            "https://a.example a répondu '<p>', ce qui n’est pas du JSON",
        ),
        (
            "btc-usdt-perp/1m and 3 others wait: the venue has not written the bars before it yet",
            "btc-usdt-perp/1m et 3 autres attendent : la place n’a pas encore écrit les barres précédentes",
        ),
        ("Bitget: the connection was closed", "Bitget : la connexion a été fermée"),
        ("this page needs the scope admin", "cette page demande le droit d’administrer"),
        (
            "this needs the scope write; sign in, or use a token that holds it",
            "cela demande le droit de modifier ; connectez-vous, ou utilisez un jeton qui l’a",
        ),
        (
            "there is no item 'weekly'; /news lists them",
            "il n’y a pas d’article 'weekly' ; /news en donne la liste",
        ),
        ("the stream has been silent for 90 s", "le flux se tait depuis 90 s"),
    ],
)
def test_what_connectors_say_is_said_in_french(english, french):
    assert refusals.said(FR, english) == french
    assert refusals.said(EN, english) == english


def test_values_are_kept_and_english_stays_english():
    text = "zone: must be a time zone such as Europe/Paris, was 'Mars/Base'"
    assert (
        refusals.said(FR, text)
        == "Fuseau horaire : doit être un fuseau horaire tel qu’Europe/Paris, était 'Mars/Base'"
    )
    assert refusals.said(EN, text) == text
    assert refusals.said(FR, "nobody translated this") == "nobody translated this"


def test_several_refusals_are_said_one_by_one():
    text = "name: String should have at least 1 character; days: Input should be greater than or equal to 1"
    assert (
        refusals.said(FR, text)
        == "Nom : doit compter au moins 1 caractère; Pendant combien de jours : doit être au moins 1"
    )


@pytest.mark.parametrize("name", refusals._fields())
def test_a_field_is_called_as_its_form_calls_it(name):
    told = refusals.said(FR, f"{name}: Input should be greater than or equal to 1")
    assert told == f"{FR.text(refusals._fields()[name])} : doit être au moins 1"
    assert not told.startswith(f"{name} :")


def test_several_of_one_sentence_are_said_one_by_one():
    text = "; ".join(f"{field}: Input should be greater than or equal to 0" for field in ("hits", "budget"))
    assert refusals.said(FR, text) == "hits : doit être au moins 0; budget : doit être au moins 0"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("capital: must be a number, was 'ten'", "capital : doit être un nombre, était 'ten'"),
        (
            "a condition must look like change_24h>0.05, was 'up'",
            "une condition doit ressembler à change_24h>0.05, était 'up'",
        ),
        (
            "bound of change_24h must be a number, was 'up'",
            "la borne de change_24h doit être un nombre, était 'up'",
        ),
        (
            "a formula must be made of names, series and brackets, had '<b>'",
            "une formule doit être faite de noms, de séries et de parenthèses, il y avait '<b>'",
        ),
        (
            "there is no story 'x'; /news shows those of the day",
            "il n’y a pas d’affaire 'x' ; /news montre celles du jour",
        ),
        (
            "there is no trading account 'x' of yours (there are: main); begin one with `run --account x`",
            "vous n’avez pas de compte de négociation 'x' (il y a : main) ; commencez-en un par `run --account x`",
        ),
    ],
)
def test_what_is_typed_into_forms_and_addresses_is_refused_in_french(english, french):
    assert refusals.said(FR, english) == french


def test_braces_in_values_are_harmless():
    assert refusals.said(
        FR, "there is no asset '{0.__class__}'; search for it, or import its bars"
    ).startswith("il n’y a pas d’actif '{0.__class__}'")


@pytest.mark.parametrize(
    "given", ["; " + "a: " * 500, "; " + "a: " * 20_000, "; " * 20_000, ", was " * 20_000]
)
def test_refusal_that_quotes_what_looks_like_fields_and_sentences_is_shown_as_it_is(given):
    refusal = f"time must be ISO 8601 such as 2025-01-01T00:00:00Z, was {given!r}"
    assert refusals.said(FR, refusal).count("a: ") + 1 >= given.count("a: ")
    assert given[-100:] in refusals.said(FR, refusal)


WORDS = st.text(st.sampled_from("ab :;,.{}()\n'"), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([one for one in SENTENCES if "{" in one]), st.data())
def test_a_sentence_is_found_with_the_values_that_a_pattern_would_find(english, data):
    parts = re.split(r"\{\w+\}", english)
    text = parts[0] + "".join(data.draw(WORDS) + part for part in parts[1:])
    text = data.draw(st.sampled_from([text, text[:-1], text + "x", text * 2]))
    names = iter(re.findall(r"\{(\w+)\}", english))
    pattern = re.escape(parts[0]) + "".join(f"(?P<{next(names)}>.+?){re.escape(part)}" for part in parts[1:])
    found = re.fullmatch(pattern, text, re.DOTALL)
    assert refusals.sentence(english).values(text) == (found.groupdict() if found else None)
