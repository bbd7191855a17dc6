"""`vigie letter` as a person meets it in a terminal."""

from __future__ import annotations

import json

import pytest

from tests import houses
from tests.unit.services.backtest_material import command_line
from vigie.domain.alert import Channel
from vigie.domain.person import OWNER
from vigie.wiring.app_context import open_app_context


@pytest.fixture
def run(home, monkeypatch, capsys):
    houses.fill(home)
    return command_line(monkeypatch, capsys)


def test_a_letter_is_printed_in_both_languages_and_written_as_a_pdf(run, tmp_path):
    assert "You own no coin that counts." in run("letter").out
    run("holdings", "add", "bitcoin", "0.5", "--day", "2025-02-01", "--amount", "20000")
    day = ("--last", "2025-08-10", "--currency", "usd")
    english = run("letter", "month", *day).out
    assert english.startswith("Your 30 days, 12 Jul 2025 to 10 Aug 2025\n\nONE THING TO DO\n")
    assert "Bitcoin: $" in english
    french = run("letter", "month", "--language", "fr", *day).out
    assert "UNE CHOSE À FAIRE" in french
    told = json.loads(run("letter", "--json", *day).out)
    assert (told["span"], told["first"], told["last"]) == ("week", "2025-08-04", "2025-08-10")
    file = tmp_path / "letter.pdf"
    run("letter", "--pdf", str(file), *day)
    assert file.read_bytes().startswith(b"%PDF")


def test_what_cannot_be_is_refused_with_a_sentence(run, tmp_path, monkeypatch):
    assert "must be a file that ends in .pdf" in run("letter", "--pdf", str(tmp_path / "letter.txt")).err
    assert run("letter", "year").code != 0
    monkeypatch.setattr("vigie.adapters.printing.typst_calls.find_spec", lambda _: None)
    refused = run("letter", "--pdf", str(tmp_path / "letter.pdf"))
    assert "this installation has no typst" in " ".join(refused.err.split())
    assert not (tmp_path / "letter.pdf").exists()


def test_it_is_mailed_on_a_day_from_then_on(run, home):
    assert "confirm an e-mail address" in run("letter", "--every", "monday").err
    open_app_context(home).alerts.put_channel(
        Channel("", OWNER.user, "mail", "me@desk.example", is_confirmed=True)
    )
    for every in ("sunday", "28"):
        assert "to me@desk.example" in run("letter", "--every", every, "--at", "07:30").out
    assert run("letter", "--every", "29").code != 0
    assert "not sent regularly" in run("letter", "--every", "never").out
