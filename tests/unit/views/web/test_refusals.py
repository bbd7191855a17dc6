"""Refusals in the reader's language: by code and arguments, never by their English words."""

from __future__ import annotations

import ast
import io
import json
import pickle
import re
import string
from types import SimpleNamespace
from typing import Annotated

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from tests.architecture.source_tree import parsed
from tests.made_up_language import CLOSE, OPEN, outside
from tests.refusals import TOP, calls, refused, templates
from vigie import catalogue
from vigie.catalogue import read_catalogue
from vigie.domain.errors import NotFound, TransientError
from vigie.domain.refusal import (
    Refusal,
    all_of,
    from_stored,
    join_refusals,
    listed,
    read_refusals,
    shorten,
    to_stored,
    with_refusals,
)
from vigie.ports.audit import AuditEvent
from vigie.services import refusal_text
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.alerting.watching.system_events import event_of_record
from vigie.services.operation_calls import describe_validation_error
from vigie.services.operations.admin import mask_secrets
from vigie.services.reader_texts import split_refusals
from vigie.services.refusal_text import RefusalText
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.trading import event_texts
from vigie.views.web.refusals import translate_refusal

FR, EN = UserLanguage("fr"), UserLanguage("en")
CATALOGUE = catalogue.LOCALES / "fr.po"
NAMED = read_catalogue("fr").named
# A validating library says these; the catalogue has them under its names.
OF_LIBRARY = "input_"

# What no page shows: a folder or a file below src/vigie, and who meets its sentences instead.
NOT_ON_PAGES = {
    "__init__.py": "who writes Python with Vigie",
    "api.py": "who writes Python with Vigie",
    "api_holdings.py": "who writes Python with Vigie",
    "api_research.py": "who writes Python with Vigie",
    "api_settings.py": "who writes Python with Vigie",
    "reading.py": "who writes Python with Vigie",
    "views/cli/": "the command line",
    "config/": "the command line, before anything is started",
    "adapters/executors/dask.py": "the command line: --dask",
    "adapters/plugins/checking.py": "the command line: vigie plugin check",
    "adapters/plugins/scaffold.py": "the command line: vigie plugin new",
    "adapters/plugins/simulated.py": "the command line: vigie plugin check",
    "adapters/plugins/kinds.py": "the command line: vigie plugin new",
    "adapters/forks.py": "the command line: processes of its own",
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
    "intelligence/holdings/events.py": "codes of rows: the list of refused rows has them",
    "intelligence/market/grammar.py": "a programmer's mistake",
    "intelligence/market/treemap.py": "a programmer's mistake",
    "intelligence/news/registry.py": "a programmer's mistake",
    "quant/metrics/": "a programmer's mistake",
    "quant/stats/bootstrap.py": "a programmer's mistake",
    "services/trading/log/account_view.py": "a programmer's mistake",
    "drawing/frame.py": "a programmer's mistake",
    "drawing/raster.py": "a programmer's mistake",
}
# Kinds that are no refusals: a slip in the code, a file with strange objects, what a library raises.
NO_REFUSALS = (
    "TypeError", "AttributeError", "KeyError", "pickle.UnpicklingError", "errors.ExchangeNotAvailable",
    "PydanticKnownError",
)  # fmt: skip


def places(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def is_text(node):
    match node:
        case ast.Constant(str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left, ast.Add(), right):
            return is_text(left) or is_text(right)
        case ast.IfExp(_, one, other):
            return is_text(one) or is_text(other)
    return False


def bare_raises(tree):
    coded = {id(call) for call in calls(tree)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call) or not node.exc.args:
            continue
        is_ours = ast.unparse(node.exc.func) not in NO_REFUSALS
        if is_ours and id(node.exc) not in coded and is_text(node.exc.args[0]):
            yield node.lineno


def test_what_pages_may_show_as_refused_has_a_code():
    bare = [
        f"{path.relative_to(TOP)}:{line}"
        for path in sorted(TOP.rglob("*.py"))
        if not str(path.relative_to(TOP)).startswith(tuple(NOT_ON_PAGES))
        for line in bare_raises(parsed(path))
    ]
    assert bare == []


def test_a_raise_without_a_code_is_found():
    tree = ast.parse(
        "raise UsageError(f'no {x}')\nraise UsageError('no_x', 'no {x}', x=x)\nraise kind(fault)"
    )
    assert list(bare_raises(tree)) == [1]


def test_what_is_left_out_is_still_there():
    paths = [str(path.relative_to(TOP)) for path in TOP.rglob("*.py")]
    assert [name for name in NOT_ON_PAGES if not any(path.startswith(name) for path in paths)] == []


def test_a_code_has_one_sentence_and_arguments_for_its_places():
    assert {code: said for code, said in templates().items() if len(said) > 1} == {}
    assert [code for code in templates() if not re.fullmatch(r"[a-z][a-z0-9_]*", code)] == []
    lacking = [
        f"{path.relative_to(TOP)}:{call.lineno}"
        for path in TOP.rglob("*.py")
        for call in calls(parsed(path))
        if not places(ast.literal_eval(call.args[1])) <= {keyword.arg for keyword in call.keywords}
    ]
    assert lacking == []


def test_the_catalogue_has_every_code_with_its_places_and_no_other():
    codes = {key.removeprefix("refusal.") for key in NAMED if key.startswith("refusal.")}
    ours = {code for code in codes if not code.startswith(OF_LIBRARY)}
    assert ours == set(templates())
    english = {m.context: m.id for m in read_po(io.BytesIO(CATALOGUE.read_bytes())) if m.context}
    assert {code: english[f"refusal.{code}"] for code in templates()} == {
        code: min(said) for code, said in templates().items()
    }
    assert {
        code: NAMED[f"refusal.{code}"]
        for code, said in templates().items()
        if not places(NAMED[f"refusal.{code}"]) <= set().union(*map(places, said))
    } == {}


@pytest.mark.parametrize(
    ("refusal", "french"),
    [
        (
            refused("tried_times", error=refused("did_not_answer_time", url="api.example.org"), attempt=3),
            "api.example.org n’a pas répondu à temps (3 tentatives)",
        ),
        (
            refused(
                "source_asks_wait_before_next",
                error=refused(
                    "answered_with_status", public_url="https://api.example.org/x", status=429, body="''"
                ),
                pause="600",
            ),
            (
                "https://api.example.org/x a répondu 429\u00a0: ''\u00a0; la source demande d’attendre 600 s avant le "
                "prochain essai"
            ),
        ),
        (
            refused("about", subject="Bitget", reason=refused("connection_was_closed")),
            "Bitget\u00a0: la connexion a été fermée",
        ),
        (refused("page_requires_scope", scope="admin"), "cette page demande le droit d’administrer"),
        (
            refused("requires_scope_sign", scope="write"),
            (
                "vous n’êtes pas connecté ici, et cela demande le droit de modifier\u00a0; "
                "connectez-vous, ou utilisez un jeton qui l’a"
            ),
        ),
        (refused("no_data_stream", usual_gap_s="90"), "aucune donnée du flux depuis 90 s"),
        (
            refused("field_refused", field="zone", reason=refused("not_positive", name="x")),
            "Fuseau horaire\u00a0: x n’est pas positif",
        ),
        (
            refused("field_refused", field="hits", reason=refused("not_positive", name="x")),
            "hits\u00a0: x n’est pas positif",
        ),
        (
            refused(
                "did_mean",
                fault=refused("no_such_result", kind=refused("a_sweep"), run_id="'x'"),
                suggestion="y",
            ),
            "il n’y a pas de balayage 'x'\u00a0; vouliez-vous dire y\u00a0?",
        ),
        (
            refused(
                "bad_rows",
                row=3,
                when="",
                reason=refused("high_below_low"),
                line=refused("bad_line", line="1,2,3"),
                bad=2,
                advice=refused("import_skips_bad_rows"),
                unreadable="",
            ),
            (
                "ligne 3\u00a0: le plus haut est sous le plus bas\u00a0: 1,2,3 (2 mauvaises lignes en tout)"
                "\u00a0; `vigie data "
                "import` trie les lignes, écarte les mauvaises et enregistre le reste"
            ),
        ),
        (
            refused("not_a_day", subject=refused("first_day"), day="2026-01-31", text="'x'"),
            "le premier jour\u00a0: donnez un jour tel que 2026-01-31 (reçu\u00a0: 'x')",
        ),
    ],
)
def test_a_refusal_is_said_in_french_with_those_that_stand_in_it(refusal, french):
    assert translate_refusal(EN, refusal) == refusal.replace("zone: ", "Time zone: ")
    assert translate_refusal(FR, refusal) == french


def test_a_text_without_a_code_stays_as_it_is():
    assert translate_refusal(FR, "a venue's own words") == "a venue's own words"
    assert translate_refusal(FR, Refusal("not_of_this_release", "of {x}", x=1)) == "of 1"


def test_a_row_with_other_arguments_shows_its_sentence():
    told = from_stored(
        "h did not answer in time", {"code": "did_not_answer_time", "arguments": {"host": "h"}}
    )
    assert told.code == "did_not_answer_time"
    assert translate_refusal(FR, told) == "h did not answer in time"


@pytest.mark.parametrize("stored", [{"code": 1, "arguments": {}}, {"code": "x"}, {"arguments": {}}, {}])
def test_what_is_no_stored_refusal_leaves_the_sentence(stored):
    told = from_stored("told", stored)
    assert (told, to_stored(told)) == ("told", None)


def test_arguments_are_never_read_as_templates():
    refusal = refused("did_not_answer_time", url="{0.__class__} {url} ; a: b")
    assert translate_refusal(FR, refusal).startswith("{0.__class__} {url} ; a: b")


def check_part(value: str) -> str:
    if value == "x":
        raise ValueError(refused("file_empty"))
    return value


class Asked(BaseModel):
    """Input of a form."""

    name: str = Field(min_length=1)
    days: int = Field(ge=1)
    kind: str = Field(default="a", pattern="^[ab]$")
    part: Annotated[str, AfterValidator(check_part)] = ""


def refusal_of_input(**values):
    with pytest.raises(ValidationError) as caught:
        Asked.model_validate({"name": "a", "days": 1, **values})
    return describe_validation_error(caught.value)


def test_inputs_of_forms_are_refused_field_by_field():
    refusal = refusal_of_input(name="", days=0, kind="c")
    assert refusal == (
        "name: must not be empty; days: must be at least 1, was 0; kind: String should match pattern '^[ab]$'"
    )
    assert translate_refusal(EN, refusal).startswith(
        "Name: must not be empty; Expires after (days): must be at least 1, was 0; "
    )
    assert translate_refusal(FR, refusal) == (
        "Nom\u00a0: ne doit pas être vide\u00a0; Expire après (jours)\u00a0: doit être au moins 1 (reçu\xa0: 0)"
        "\u00a0; kind\u00a0: n’a pas "
        "la forme attendue"
    )
    assert len(split_refusals(refusal)) == 3


def test_a_refusal_of_ours_keeps_its_code_through_a_validator():
    assert translate_refusal(FR, refusal_of_input(part="x")) == "part\u00a0: le fichier est vide"


def test_what_a_validating_library_says_stays_where_the_catalogue_lacks_it():
    refusal = Refusal.with_text(f"{OF_LIBRARY}of_tomorrow", "Input should be new", {})
    assert translate_refusal(FR, refusal) == "Input should be new"


class Told(BaseModel):
    """A result with a refusal."""

    reason: RefusalText
    plain: str


def test_a_result_keeps_the_code_for_pages_and_is_plain_json():
    told = Told(reason=refused("file_empty"), plain=refused("file_empty"))
    assert isinstance(told.reason, Refusal)
    assert not isinstance(told.plain, Refusal)
    assert told.model_dump_json() == '{"reason":"the file is empty","plain":"the file is empty"}'
    with pytest.raises(ValidationError):
        Told.model_validate({"reason": 3, "plain": ""})


def test_an_error_is_its_refusal_with_what_the_kind_adds():
    fault = TransientError("no_x", "no {x!r} for {n:.1f} s", x="y", n=2, after_s=3.0)
    assert (str(fault), fault.after_s) == ("no 'y' for 2.0 s", 3.0)
    assert str(NotFound("plain words {stay}")) == "plain words {stay}"
    # As programs of before write it.
    assert (str(TransientError("busy", 5.0)), TransientError("busy", 5.0).after_s) == ("busy", 5.0)
    again = pickle.loads(pickle.dumps(fault))
    assert str(again).code == "no_x"
    assert str(again).arguments == {"x": "'y'", "n": "2.0"}


WORDS = st.text(st.sampled_from("ab :;,.{}()\n'é"), max_size=12)
REFUSALS = st.recursive(
    st.builds(lambda x: Refusal("inner", "no {x}", x=x), WORDS),
    lambda inner: st.builds(lambda x, y: Refusal("outer", "{{}} {x} and {y!r}", x=x, y=y), inner, WORDS),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(REFUSALS)
def test_a_refusal_comes_back_from_json_and_from_another_process(refusal):
    stored = json.loads(json.dumps(to_stored(refusal)))
    for again in (from_stored(str.__str__(refusal), stored), pickle.loads(pickle.dumps(refusal))):
        assert again == refusal
        assert to_stored(again) == to_stored(refusal)


def test_a_row_of_before_shows_its_sentence():
    assert from_stored("there is no story 'x'", None) == "there is no story 'x'"
    assert to_stored("there is no story 'x'") is None


def test_a_shortened_refusal_is_said_whole_in_another_language():
    assert shorten("abc", 2) == "ab"
    refusal = shorten(refused("file_empty"), 3)
    assert refusal == "the"
    assert translate_refusal(FR, refusal) == "le fichier est vide"
    long = shorten(refused("did_not_answer_time", url="h" * 500), 20)
    assert (len(long), len(long.arguments["url"])) == (20, 20)


def test_secrets_are_masked_in_arguments_too():
    inner = refused("could_not_reached", url="https://a.example/s3cret", error="s3cret is wrong")
    masked = mask_secrets(refused("tried_times", error=inner, attempt=3), ["s3cret"])
    assert "s3cret" not in masked
    assert "s3cret" not in json.dumps(to_stored(masked))
    assert "s3cret" not in translate_refusal(FR, masked)
    assert (
        translate_refusal(FR, masked)
        == "https://a.example/*** est injoignable\u00a0: *** is wrong (3 tentatives)"
    )


def test_none_one_and_several_are_joined():
    assert join_refusals([]) == ""
    assert join_refusals(["a"]) == "a"
    joined = join_refusals([refused("file_empty"), "b", refused("high_below_low")])
    assert joined == "the file is empty; b; high is below low"
    assert (
        translate_refusal(FR, joined)
        == "le fichier est vide\u00a0; b\u00a0; le plus haut est sous le plus bas"
    )


def test_why_an_account_was_halted_is_said_in_french():
    context = SimpleNamespace(lang=FR, text=FR.text)
    why = refused("about", subject="Bitget", reason=refused("connection_was_closed"))
    details = json.dumps(with_refusals({"why": why}))
    row = {"kind": "trade.halted", "details": details}
    assert event_texts.reason_text(context, row) == "Bitget\u00a0: la connexion a été fermée"
    of_before = {"kind": "trade.halted", "details": json.dumps({"why": str.__str__(why)})}
    assert event_texts.reason_text(context, of_before) == "Bitget: the connection was closed"


def test_values_without_refusals_are_stored_as_they_are():
    assert with_refusals({"why": "plain", "n": 1}) == {"why": "plain", "n": 1}
    assert read_refusals({"why": "plain", "n": 1}) == {"why": "plain", "n": 1}
    assert read_refusals({"why": "plain", "refusals": {"why": 3, "gone": {}}}) == {"why": "plain"}


def test_an_alert_about_a_failed_job_says_why_in_both_languages():
    stored = with_refusals({"kind": "sweep", "message": refused("file_empty")})
    event = AuditEvent(1, 2, "job.failed", "u1", "j1", "", "", stored)
    alert = event_of_record(SimpleNamespace(), event, 3)
    assert "the file is empty" in json.dumps(alert.facts, ensure_ascii=False) + alert.title
    assert "le fichier est vide" in title_of(alert, "fr")


def test_no_refusal_shows_a_bare_word_in_a_made_up_language(monkeypatch):
    """Each sentence stands in brackets, and so does each that stands in it."""
    made_up = {key: f"{OPEN}{text}{CLOSE}" for key, text in NAMED.items()}
    monkeypatch.setattr(refusal_text, "read_catalogue", lambda language: catalogue.Catalogue({}, made_up))
    inner = refused("file_empty")
    bare = {}
    for code, said in templates().items():
        (template,) = said
        refusal = Refusal(code, template, **dict.fromkeys(places(template), inner))
        found = outside(translate_refusal(FR, refusal), 0)[0]
        if found:
            bare[code] = found
    assert bare == {}


def test_names_that_are_listed_are_joined_in_the_readers_language():
    scopes = Refusal(
        "scopes_must_some",
        "scopes must be some of {scopes}, were {requested}",
        scopes="read",
        requested=listed([]),
    )
    rules = Refusal(
        "venue_own_rules_apply",
        "a venue's own rules apply; remove {stated_names} from [data]",
        stated_names=all_of(["tick", "lot"]),
    )
    assert (str(scopes).rpartition(" ")[2], listed(["a", "b"]), all_of(["a", "b", "c"]), all_of(["a"])) == (
        "none",
        "a b",
        "a, b and c",
        "a",
    )
    assert "aucun)" in translate_refusal(FR, scopes)
    assert "tick et lot" in translate_refusal(FR, rules)
    assert "tick and lot" in translate_refusal(EN, rules)


def test_decimals_in_a_french_refusal_have_a_comma_and_what_was_typed_stays():
    far = refused("key_not_positive", path="a.toml", key="k", value="-2646.01")
    assert translate_refusal(FR, far) == (
        "a.toml\u00a0: k doit être un nombre au-dessus de 0 (reçu\u00a0: \u22122\u202f646,01)"
    )
    typed = refused("key_not_positive", path="a.toml", key="k", value="'2646.01'")
    assert translate_refusal(FR, typed).endswith("(reçu\u00a0: '2646.01')")
