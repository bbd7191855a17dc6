"""`vigie letter` as a person meets it in a terminal."""

from __future__ import annotations

import json

import pytest

from tests import houses
from tests.unit.sandbox.world.hands import small_world
from tests.unit.services.backtest_material import command_line
from vigie.config import SIMULATED_FILE
from vigie.domain.alert import Channel
from vigie.domain.errors import ConfigError
from vigie.domain.person import OWNER
from vigie.services.alerting.channels import explain_cure
from vigie.services.demo_world import WORLD
from vigie.wiring.app_context import open_app_context
from vigie_sandbox.world.server import serving


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


def test_in_a_second_terminal_it_is_mailed_to_the_demonstration_that_runs(run, home, monkeypatch):
    monkeypatch.delenv("VIGIE_WORLD_URL", raising=False)
    (home / SIMULATED_FILE).write_text("{}")
    world = small_world()
    with serving(world) as url:
        (home / WORLD).write_text(f"{url}\n")
        open_app_context(home).alerts.put_channel(
            Channel("", OWNER.user, "mail", "me@desk.example", is_confirmed=True)
        )
        assert "me@desk.example" in run("letter", "--mail").out
        assert world.mailbox.newest()[0].recipients == ("me@desk.example",)


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        ("simulated_mail_server_not_running", "leave `vigie demo` running in another terminal"),
        ("simulated_market_does_not_answer", "leave `vigie demo` running in another terminal"),
        ("no_mail_server_set", "set it, then restart Vigie"),
    ],
)
def test_what_to_do_about_a_mail_server_follows_from_which_one_is_missing(fault, cure):
    assert explain_cure(ConfigError(fault, "the server does not answer")) == cure
