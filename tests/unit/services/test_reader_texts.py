"""Days and instants stand in sentences as their reader's language writes them."""

from __future__ import annotations

import pytest

from vigie.domain.refusal import Refusal
from vigie.domain.time import parse_time
from vigie.services.alerting.mails import _format_time
from vigie.services.reader_texts import say_refusal, say_sentence

AT = "2026-11-30T14:05:00Z"
SENTENCE = "%(size)s more, as on %(day)s"


@pytest.mark.parametrize(
    ("language", "when"), [("en", "30 Nov 2026 14:05 UTC"), ("fr", "30 nov. 2026 14:05 UTC")]
)
def test_an_instant_in_a_sentence_is_written_in_words(language, when):
    assert when in say_sentence(SENTENCE, {"size": "2", "day": AT}, language)
    assert when in say_sentence(SENTENCE, {"size": "2", "day": f"from {AT}"}, language)
    # No such day: it stays as it came.
    assert "2026-13-41T14:05:00Z" in say_sentence(
        SENTENCE, {"size": "2", "day": "2026-13-41T14:05:00Z"}, language
    )


@pytest.mark.parametrize(
    ("language", "when"), [("en", "30 Nov 2026 14:05 UTC"), ("fr", "30 nov. 2026 14:05 UTC")]
)
def test_an_instant_among_the_arguments_of_a_refusal_is_written_in_words(language, when):
    english = "of the bar of {instrument} at {ts} it says something else now than in the shadow"
    gate = Refusal("gate_replay", english, instrument="btc-usdt-perp", ts=AT)
    field = Refusal("field_refused", "{field}: {reason}", field="stop", reason=gate)
    for refusal in (gate, field):
        said = say_refusal(refusal, language)
        assert when in said
        assert AT not in said
    # Programs read it as before.
    assert AT in str(gate)


@pytest.mark.parametrize(
    ("language", "zone", "when"),
    [
        ("en", "UTC", "30 Nov 2026 23:05:09 UTC"),
        ("fr", "UTC", "30 nov. 2026 23:05:09 UTC"),
        ("fr", "Europe/Paris", "1er déc. 2026 00:05:09 CET (30 nov. 2026 23:05:09 UTC)"),
        ("en", "America/New_York", "30 Nov 2026 18:05:09 EST (23:05:09 UTC)"),
    ],
)
def test_a_mail_writes_days_as_its_reader_does(language, zone, when):
    assert _format_time(parse_time("2026-11-30T23:05:09Z"), zone, "%H:%M:%S", language) == when
