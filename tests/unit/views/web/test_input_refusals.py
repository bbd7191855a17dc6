"""Inputs of operations that are refused: what was given and what is accepted, in the words of forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from vigie.domain.input_errors import describe_value
from vigie.services.input_forms import form_of
from vigie.services.operation import operations
from vigie.services.operation_calls import describe_validation_error
from vigie.views.web.language import UserLanguage
from vigie.views.web.refusals import translate_refusal

FR, EN = UserLanguage("fr"), UserLanguage("en")


@pytest.mark.parametrize(
    ("operation", "values", "english", "french"),
    [
        ("setups.list", {"state": "closed"},
         ("State: must be one of open, ended, forming, confirmed, played_out, invalidated, expired, or empty, "
         "was 'closed'"),
         ("État : doit être l’un de : open, ended, forming, confirmed, played_out, invalidated, expired, ou vide "
         "(reçu : 'closed')")),
        ("setups.read", {"setup": "xyz", "account": "main"},
         "Setup: must be an id of 16 characters: 0-9 and a-f, was 'xyz'",
         "Setup : doit être un identifiant de 16 caractères : 0-9 et a-f (reçu : 'xyz')"),
        ("plans.read", {"plan": "x"},
         "Plan: must be an id of a plan: p and 16 characters, A-Z, a-z, 0-9, - and _, was 'x'",
         "Plan : doit être un identifiant de plan : p et 16 caractères, A-Z, a-z, 0-9, - et _ (reçu : 'x')"),
        ("plans.make", {"place": "bitget-perp:btc-usdt-perp", "side": "long", "stop": "here", "target": "2",
                        "low": "there", "bars": 0},
         ("Stop: must be a number, was 'here'; Zone from: must be a number, was 'there'; "
         "Valid for, in bars: must be at least 1, was 0"),
         ("Stop : doit être un nombre (reçu : 'here') ; Zone, bas : doit être un nombre (reçu : 'there') ; "
         "Validité, en bougies : doit être au moins 1 (reçu : 0)")),
        ("trading.prepare_paper", {"name": "My account", "place": "a:b", "strategy": "ema_cross", "capital": "NaN"},
         ("Name: must be a name of at most 40 characters that starts with a letter: a-z, 0-9 and -, was 'My account'; "
         "Capital: must be a number, was 'NaN'"),
         ("Nom : doit être un nom de 40 caractères au plus qui commence par une lettre : a-z, 0-9 et - "
         "(reçu : 'My account') ; Capital : doit être un nombre (reçu : 'NaN')")),
        ("trading.prepare_paper", {"name": "a", "place": "a:b", "strategy": "ema_cross", "capital": "1e12"},
         "Capital: must be at most 90,000,000,000, was '1e12'",
         "Capital : doit être au plus 90\u202f000\u202f000\u202f000 (reçu : '1e12')"),
    ],
)  # fmt: skip
def test_inputs_are_refused_with_what_was_given_and_what_is_accepted(operation, values, english, french):
    with pytest.raises(ValidationError) as caught:
        operations()[operation].input_type.model_validate(values)
    refusal = describe_validation_error(caught.value)
    assert translate_refusal(EN, refusal) == english
    assert translate_refusal(FR, refusal).replace("\xa0", " ") == french


def test_what_may_be_secret_is_not_repeated():
    with pytest.raises(ValidationError) as caught:
        operations()["accounts.totp_confirm"].input_type.model_validate(
            {"secret": "hunter2 hunter2 hunter2", "code": "123456"}
        )
    assert "hunter2" not in describe_validation_error(caught.value)


def patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for part in schema.values():
            yield from patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


def test_every_pattern_of_an_input_is_said_in_words():
    found = {
        pattern
        for declared in operations().values()
        for pattern in patterns(declared.input_type.model_json_schema())
    }
    assert len(found) > 40
    assert [pattern for pattern in sorted(found) if not form_of(pattern)] == []


def test_a_text_that_reads_like_no_number_is_told_what_a_text_must_be():
    day, limit = {"form": "a day such as 2026-01-31"}, {"ge": 1}
    assert describe_value("string_pattern_mismatch", "", {}, "nan", **day) == (
        "must be a day such as 2026-01-31, was 'nan'"
    )
    assert describe_value("literal_error", "", {"expected": "'long' or 'short'"}, "inf") == (
        "must be one of long, short, was 'inf'"
    )
    assert describe_value("greater_than_equal", "", limit, "NaN") == "must be a number, was 'NaN'"
