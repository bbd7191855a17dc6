"""Refusals in French: each sentence fits what the code says, with its values; the rest stays as it is."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.views.web import refusals
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.trading import event_texts

FR, EN = UserLanguage("fr"), UserLanguage("en")
SENTENCES = tomllib.loads(
    (Path(refusals.__file__).parent / "locales" / "refusals.fr.toml").read_text("utf-8")
)["sentences"]
TOP = Path(refusals.__file__).parents[2]
SOURCES = {str(path.relative_to(TOP)): path.read_text("utf-8") for path in sorted(TOP.rglob("*.py"))}
SHIPPED = "".join(
    path.read_text("utf-8")
    for path in (TOP / "adapters/sources/news/shipped.toml", *TOP.glob("adapters/notifiers/*/manifest.toml"))
)
PLACE = re.compile(r"\{(\w+)\}")
# Words of libraries, and sentences that begin with a value.
OTHERS = (
    "Not Found", "Method Not Allowed", "String should", "List should", "Input should",
)  # fmt: skip

# What no page shows: a folder or a file below src/vigie, and who meets its sentences instead.
NOT_ON_PAGES = {
    "__init__.py": "who writes Python with Vigie",
    "api.py": "who writes Python with Vigie",
    "api_research.py": "who writes Python with Vigie",
    "reading.py": "who writes Python with Vigie",
    "views/cli/": "the command line",
    "config/": "the command line, before anything is started",
    "adapters/executors/dask.py": "the command line: --dask",
    "adapters/forks.py": "the command line: processes of its own",
    "adapters/plugins/checking.py": "the command line: vigie plugin check",
    "adapters/plugins/scaffold.py": "the command line: vigie plugin new",
    "adapters/plugins/simulated.py": "the command line: vigie plugin check",
    "adapters/plugins/kinds.py": "the command line: vigie plugin new",
    "adapters/stores/presence.py": "the command line, when a part is started or restored",
    "adapters/stores/sql/schema.py": "the command line, when a part is started or upgraded",
    "adapters/stores/venue_keys.py": "the command line: vigie keys",
    "intelligence/news/judging/fitting.py": "the command line: vigie news model",
    "intelligence/news/judging/rows.py": "the command line: vigie news model",
    "intelligence/news/judging/vectors.py": "the command line: vigie news model",
    "services/backups/backup_restore.py": "the command line: vigie backup restore, vigie upgrade",
    "services/news/evidence_check.py": "the command line: vigie news verify",
    "services/demo_world.py": "the command line: vigie demo",
    "services/venues/trial.py": "the command line: vigie venue",
    "views/web/server.py": "the command line: vigie serve",
    "views/web/assets.py": "who builds the pages",
    "data/asof.py": "a programmer's mistake",
    "intelligence/market/grammar.py": "a programmer's mistake",
    "intelligence/market/treemap.py": "a programmer's mistake",
    "intelligence/news/registry.py": "a programmer's mistake",
    "quant/metrics/": "a programmer's mistake",
    "quant/stats/bootstrap.py": "a programmer's mistake",
    "services/trading/log/account_view.py": "a programmer's mistake",
    "drawing/frame.py": "a programmer's mistake",
    "drawing/raster.py": "a programmer's mistake",
}
# Kinds that are no refusals: a slip in the code, a file with strange objects.
NO_REFUSALS = ("TypeError", "AttributeError", "pickle.UnpicklingError")


def _variants(node):
    """Return what a text may be, each value in it x1; nothing where it is made elsewhere."""
    match node:
        case ast.Constant(str(text)):
            return [text]
        case ast.JoinedStr(parts):
            return ["".join(part.value if isinstance(part, ast.Constant) else "x1" for part in parts)]
        case ast.BinOp(left, ast.Add(), right):
            return [one + other for one in _variants(left) for other in _variants(right)]
        case ast.IfExp(_, one, other):
            return _variants(one) + _variants(other)
    return []


# A statement to its end: lines that stand deeper, and the bracket that closes it. To read whole files takes longer.
RAISE = re.compile(r"^( +)raise [\w.]+\(.*(?:\n\1(?: .*|\).*))*", re.MULTILINE)


def _raised(text):
    for found in RAISE.finditer(text):
        call = ast.parse(textwrap.dedent(found[0])).body[0].exc
        if call.args and ast.unparse(call.func) not in NO_REFUSALS:
            yield from ((text.count("\n", 0, found.start()) + 1, one) for one in _variants(call.args[0]))


def test_what_pages_may_show_as_refused_has_french():
    missing = [
        f"{path}:{line}: {sentence}"
        for path, text in SOURCES.items()
        if "raise " in text and not path.startswith(tuple(NOT_ON_PAGES))
        for line, sentence in _raised(text)
        # Of some sentences hardly a word stands where they are raised.
        if len(re.sub(r"x1|\W", "", sentence)) >= 8 and refusals.translate_refusal(FR, sentence) == sentence
    ]
    assert not missing, "\n".join(missing)


def test_what_is_left_out_is_still_there():
    assert [name for name in NOT_ON_PAGES if not any(path.startswith(name) for path in SOURCES)] == []


def test_sentences_are_ones_that_the_code_says_and_keep_their_values():
    for english, french in SENTENCES.items():
        assert set(PLACE.findall(french)) <= set(PLACE.findall(english)), english
    parts = {
        max(PLACE.split(english)[::2], key=len).strip(" ;:,")[:24]
        for english in SENTENCES
        if not english.startswith(OTHERS)
    }
    quoted = [line for text in (*SOURCES.values(), SHIPPED) for line in text.splitlines() if '"' in line]
    # A sentence may go on in the next line of the code.
    code = re.sub(r'"\n\s+f?"', "", "\n".join(quoted))
    assert [part for part in parts if part not in code] == []


def test_each_sentence_is_said_by_its_own_line():
    x1 = {english: PLACE.sub("x1", english) for english in SENTENCES}
    assert [
        english
        for english, french in SENTENCES.items()
        if refusals._translate_part(FR, x1[english]) != PLACE.sub("x1", french)
    ] == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "api.example.org did not answer in time (tried 3 times)",
            "api.example.org n’a pas répondu à temps (3 tentatives)",
        ),
        (
            "https://api.example.org/x answered 503: '<html>' (tried 3 times)",
            "https://api.example.org/x a répondu 503 : '<html>' (3 tentatives)",
        ),
        (
            ("https://api.example.org/x answered 429: ''; the source asks to wait 600 s before the next try"),
            (
                "https://api.example.org/x a répondu 429 : '' ; la source demande d’attendre 600 s avant le "
                "prochain essai"
            ),
        ),
        (
            "https://a.example answered '<p>', which is not JSON",
            "https://a.example a répondu '<p>', ce qui n’est pas du JSON",
        ),
        (
            "btc-usdt-perp/1m and 3 others wait: the venue has not published the earlier bars yet",
            (
                "btc-usdt-perp/1m et 3 autres sont en attente : la plateforme n’a pas encore publié les "
                "bougies précédentes"
            ),
        ),
        ("Bitget: the connection was closed", "Bitget : la connexion a été fermée"),
        ("this page requires the scope admin", "cette page demande le droit d’administrer"),
        (
            "this requires the scope write; sign in, or use a token that has it",
            "cela demande le droit de modifier ; connectez-vous, ou utilisez un jeton qui l’a",
        ),
        (
            "there is no news item 'weekly'; /news lists them",
            "il n’y a pas d’actualité 'weekly' ; /news en donne la liste",
        ),
        ("no data from the stream for 90 s", "aucune donnée du flux depuis 90 s"),
    ],
)
def test_what_connectors_say_is_said_in_french(english, french):
    assert refusals.translate_refusal(FR, english) == french
    assert refusals.translate_refusal(EN, english) == english


def test_values_are_kept_and_english_stays_english():
    text = "zone: must be a time zone such as Europe/Paris, was 'Mars/Base'"
    assert (
        refusals.translate_refusal(FR, text)
        == "Fuseau horaire : doit être un fuseau horaire tel qu’Europe/Paris (reçu : 'Mars/Base')"
    )
    assert refusals.translate_refusal(EN, text) == text
    assert refusals.translate_refusal(FR, "nobody translated this") == "nobody translated this"


def test_several_refusals_are_said_one_by_one():
    text = "name: String should have at least 1 character; days: Input should be greater than or equal to 1"
    assert (
        refusals.translate_refusal(FR, text)
        == "Nom : doit compter au moins 1 caractère; Expire après (jours) : doit être au moins 1"
    )


@pytest.mark.parametrize("name", refusals._field_names())
def test_a_field_is_called_as_its_form_calls_it(name):
    told = refusals.translate_refusal(FR, f"{name}: Input should be greater than or equal to 1")
    assert told == f"{FR.text(refusals._field_names()[name])} : doit être au moins 1"
    assert not told.startswith(f"{name} :")


def test_several_of_one_sentence_are_said_one_by_one():
    text = "; ".join(f"{field}: Input should be greater than or equal to 0" for field in ("hits", "budget"))
    assert (
        refusals.translate_refusal(FR, text) == "hits : doit être au moins 0; budget : doit être au moins 0"
    )


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("capital: must be a number, was 'ten'", "capital : doit être un nombre (reçu : 'ten')"),
        (
            "a condition must look like change_24h>0.05, was 'up'",
            "une condition doit ressembler à change_24h>0.05 (reçu : 'up')",
        ),
        (
            "the value for change_24h must be a number, was 'up'",
            "la valeur de change_24h doit être un nombre (reçu : 'up')",
        ),
        (
            "a formula may use only names, series and brackets, was '<b>'",
            "une formule ne contient que des noms, des séries et des parenthèses (reçu : '<b>')",
        ),
        (
            "there is no story 'x'; /news shows today's",
            "il n’y a pas de sujet 'x' ; /news montre ceux du jour",
        ),
        (
            "you have no trading account 'x' (you have: main); create one with `run --account x`",
            (
                "vous n’avez pas de compte de trading 'x' (vous avez : main) ; créez-en un avec `run "
                "--account x`"
            ),
        ),
    ],
)
def test_what_is_typed_into_forms_and_addresses_is_refused_in_french(english, french):
    assert refusals.translate_refusal(FR, english) == french


LEAK = (
    "'up' at 0 (bar 7) was 1 with the whole history and 0 without the bars after it",
    "'up', le 0 (bougie 7) : 1 avec tout l’historique et 0 sans les bougies qui suivent",
)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "strategy must be one of adx_trend ema_cross, was 'ema'; did you mean ema_cross?",
            (
                "la stratégie doit être une de adx_trend ema_cross (reçu : 'ema') ; vouliez-vous dire "
                "ema_cross ?"
            ),
        ),
        (
            "strategy s looks ahead or repaints: " + LEAK[0],
            "la stratégie s utilise des données futures ou se réécrit : " + LEAK[1],
        ),
        ("there is no sweep 'x'", "il n’y a pas de balayage 'x'"),
        (
            "a token cannot add a user; sign in to do it",
            "un jeton ne peut pas ajouter un utilisateur ; connectez-vous pour le faire",
        ),
        (
            "fast must be a whole number >= 2, was 1.5",
            ("fast doit être un nombre entier >= 2 (reçu : 1.5)"),
        ),
        (
            "slot must name one of these, was 'x':\n  a\n  b",
            "la stratégie active doit être une de celles-ci (reçu : 'x':\n  a\n  b)",
        ),
    ],
)
def test_what_a_run_is_refused_for_is_said_in_french(english, french):
    assert refusals.translate_refusal(FR, english) == french


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            (
                "BTCUSDT-1h.csv: row 3: high is below low: 1,2,3 (2 bad rows in all); `vigie data import` "
                "sorts rows, skips bad ones and stores the rest"
            ),
            (
                "BTCUSDT-1h.csv : ligne 3 : le plus haut est sous le plus bas : 1,2,3 (2 mauvaises lignes "
                "en tout) ; `vigie data import` trie les lignes, écarte les mauvaises et enregistre le "
                "reste"
            ),
        ),
        ("/a/b.csv: no row is a finished bar", "/a/b.csv : aucune ligne n’est une bougie terminée"),
        (
            "Fear & Greed answered in an unknown form: index must be 0..100, was 120",
            "Fear & Greed a répondu sous une forme inconnue : l’indice doit être 0..100 (reçu : 120)",
        ),
        (
            "hooks.slack.com could not be found (tried 3 times)",
            ("hooks.slack.com est introuvable (3 tentatives)"),
        ),
        (
            "the message was not accepted: hooks.example.org answered with status 503",
            "le message n’a pas été accepté : hooks.example.org a répondu avec le code 503",
        ),
        (
            (
                "no bars of bitget-perp:btc-usdt-perp/4h are stored (stored: 1d); get them with `vigie data fetch`"
                " or `vigie data import PATH`"
            ),
            (
                "aucune bougie de bitget-perp:btc-usdt-perp/4h n’est enregistrée (il y a : 1d) ; "
                "obtenez-les avec `vigie data fetch` ou `vigie data import PATH`"
            ),
        ),
    ],
)
def test_what_files_and_services_say_is_said_in_french_with_what_it_is_about(english, french):
    assert refusals.translate_refusal(FR, english) == french


def test_why_an_account_was_halted_is_said_in_french():
    details = json.dumps({"why": "slot btc/1h has no position to close"})
    visit = SimpleNamespace(tongue=FR, text=FR.text)
    assert event_texts.reason_text(visit, {"kind": "trade.halted", "details": details}) == (
        "la stratégie active btc/1h n’a pas de position à fermer"
    )


def test_a_sentence_about_one_name_does_not_take_what_is_said_of_more():
    said = "the warmth of a coin must be a number, was 'x'"
    assert refusals.translate_refusal(FR, said) == said


def test_braces_in_values_are_harmless():
    assert refusals.translate_refusal(
        FR, "there is no asset '{0.__class__}'; search for it, or import its bars"
    ).startswith("il n’y a pas d’actif '{0.__class__}'")


@pytest.mark.parametrize(
    "given", ["; " + "a: " * 500, "; " + "a: " * 20_000, "; " * 20_000, ", was " * 20_000]
)
def test_refusal_that_quotes_what_looks_like_fields_and_sentences_is_shown_as_it_is(given):
    refusal = f"time must be ISO 8601 such as 2025-01-01T00:00:00Z, was {given!r}"
    assert refusals.translate_refusal(FR, refusal).count("a: ") + 1 >= given.count("a: ")
    assert given[-100:] in refusals.translate_refusal(FR, refusal)


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
    assert refusals.parse_pattern(english).values(text) == (found.groupdict() if found else None)


def test_a_text_of_many_parts_is_somebodys_and_stays():
    text = "; ".join(["capital: must be a number, was 'ten'"] * (refusals.MOST_PARTS + 1))
    assert refusals.translate_refusal(FR, text) == text
    assert (
        refusals.translate_refusal(FR, text.partition("; ")[0])
        == "capital : doit être un nombre (reçu : 'ten')"
    )
