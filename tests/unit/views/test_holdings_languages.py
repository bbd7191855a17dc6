"""Commands about holdings in the language of the home, or of `--language`; numbers and days as on the page."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from tests import houses
from tests.unit.services.backtest_material import command_line
from vigie.catalogue import format_day
from vigie.services.operation_calls import run_operation
from vigie.views.cli.owner_home import opened_owner

FRENCH = ("--language", "fr")
TRANSFERS = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
# Each needs a language of its own, in a home that has none.
COMMANDS = (
    ("add", "bitcoin", "1"), ("list",), ("worth",), ("gains",), ("import", "FILE"), ("transfers",), ("accounts",),
    ("addresses",), ("set",), ("share", "--list"), ("undo", "h0123456789abcdef"), ("tax", "--year", "2025"),
    ("reported", "FILE", "--year", "2025"), ("reconcile",),
)  # fmt: skip


@pytest.fixture
def run(home, monkeypatch, capsys):
    houses.fill(home)
    vigie = command_line(monkeypatch, capsys)

    def words(*typed):
        said = vigie(*typed)
        return " ".join((said.out + said.err).replace("\N{NO-BREAK SPACE}", " ").split())

    return words


@pytest.fixture
def french(run):
    run_operation(*opened_owner(None, is_dated=False), "settings.change", {"language": "fr"})
    return run


@pytest.mark.parametrize("typed", COMMANDS, ids=lambda typed: typed[0])
def test_a_language_that_commands_do_not_speak_is_refused_with_those_that_they_do(run, typed, tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    typed = [word.replace("FILE", str(tmp_path / "rows.csv")) for word in typed]
    for unknown in ("xx", "es"):
        said = run("holdings", *typed, "--language", unknown)
        assert f"language must be one of en fr, was '{unknown}'" in said
    assert "nothing yet" in run("holdings", "list")


def test_the_refusal_of_a_language_is_in_that_of_the_home(french):
    assert "la langue doit être l’une de : en fr (reçu : 'xx')" in french(
        "holdings", "list", "--language", "xx"
    )
    assert "la langue doit être l’une de" in french("letter", "--language", "xx")


def test_every_command_has_the_option(run):
    for name in {typed[0] for typed in COMMANDS}:
        assert "--language" in run("holdings", name, "--help")


def test_a_file_is_imported_in_french(french, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(
        "when,what,coin,how many,paid,cur\n2025-03-01,buy,BTC,1234.5,20000,EUR\n2025-03-02,buy,NOPE,1,5,EUR\n"
    )
    words = ["holdings", "import", str(file), "--place", "Safe"]
    for pair in ("time=when", "kind=what", "coin=coin", "quantity=how many", "amount=paid", "currency=cur"):
        words += ["--map", pair]
    tried = french(*words, "--dry-run")
    assert "lignes à ajouter (Safe) : 2 ; déjà présentes : 0" in tried
    assert "quel cryptoactif est NOPE ? aucun cryptoactif ne le porte ; répondez par --coin NOPE=ID" in tried
    done = french(*words, "--coin", "NOPE=solana")
    assert "lignes ajoutées (Safe) : 2" in done
    assert "annuler : vigie holdings undo h" in done
    listed = french("holdings", "list")
    assert "1er mars 2025 Bitcoin achat 1 234,5 20 000,00 EUR" in listed.replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    assert "1 Mar 2025 Bitcoin buy 1,234.5 20,000.00 EUR" in french("holdings", "list", "--language", "en")
    file.write_text("when,what,coin,how many,paid,cur\n2025-03-01,buy,BTC,much,20000,EUR\n")
    bad = french(*words, "--dry-run")
    assert "illisible : ligne 2, colonne how many : " in bad
    assert "must be" not in bad
    assert "pas de fichier" in french("holdings", "import", str(tmp_path / "no.csv"))
    assert "--map doit être nom=valeur, reçu 'x'" in french(*words, "--map", "x")
    rows = json.loads(french("holdings", "list", "--json"))["rows"]
    assert [(row["kind"], row["day"], row["quantity"]) for row in rows][1] == ("buy", "2025-03-01", "1234.5")


def test_transfers_are_told_in_french(french, tmp_path):
    assert "aucun transfert n’est proposé" in french("holdings", "transfers")
    file = tmp_path / "rows.csv"
    for place, row in (("Kraken", "10:00:00,0.5,BTC,,,,,"), ("Safe", "11:00:00,,,0.4998,BTC,,,")):
        file.write_text(f"{TRANSFERS}2025-03-01 {row}\n")
        french("holdings", "import", str(file), "--place", place)
    told = french("holdings", "transfers")
    assert (
        "0,5 bitcoin : départ de Kraken le 1er mars 2025 10:00 UTC, arrivée de 0,4998 à Safe le 1er mars"
        in told
    )
    assert "frais 0,0002" in told
    both = re.match(r"\S+:\S+", told)[0]
    assert "réunis : 1, restants : 0" in french("holdings", "transfers", "--join", both)
    assert "0,4998 bitcoin de Kraken à Safe ; annuler" in french("holdings", "transfers", "--joined")
    assert "--join doit" in french("holdings", "transfers", "--join", "this")


def test_accounts_addresses_links_and_own_ways_are_told_in_french(run, tmp_path):
    assert "il n’y a aucun compte de trading" in run("holdings", "accounts", *FRENCH)
    assert "aucune adresse n’est gardée" in run("holdings", "addresses", *FRENCH)
    file = tmp_path / "address.txt"
    file.write_text("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu\n")
    added = run("holdings", "addresses", "--add", str(file), "--name", "Coffre", *FRENCH)
    assert re.search(r"Coffre, Bitcoin \S+ ; \S+ la verrait : pas encore accepté", added)
    refused = run("holdings", "addresses", "--add", str(tmp_path / "none"), "--name", "B", *FRENCH)
    assert "there is no such file" not in refused
    assert "limite d’une part : 30 %" in run("holdings", "set", "--share-limit", "30", *FRENCH).replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    run("holdings", "add", "bitcoin", "0.5", "--day", "2025-02-01", "--amount", "20000")
    made = run("holdings", "share", *FRENCH)
    assert "le lien ne sera plus affiché" in made
    named = re.search(r"(\S+) : jusqu’au \d+(er)? \w", made)[1]
    assert "jusqu’au" in run("holdings", "share", "--list", *FRENCH)
    assert "ne montre plus rien" in run("holdings", "share", "--revoke", named, *FRENCH)


def test_the_letter_is_in_the_language_of_the_home(french, tmp_path):
    assert "UNE CHOSE À FAIRE" in french("letter")
    assert "ONE THING TO DO" in french("letter", "--language", "en")
    assert "la lettre n’est pas envoyée régulièrement" in french("letter", "--every", "never")
    assert "demande un fichier dont le nom finit par .pdf" in french(
        "letter", "--pdf", str(tmp_path / "a.txt")
    )
    assert "adresse" in french("letter", "--every", "monday")


@pytest.mark.parametrize(
    ("pattern", "first", "eleventh"),
    [
        ("d MMM y", "1er mars 2025", "11 mars 2025"),
        ("EEEE d MMMM y", "samedi 1er mars 2025", "mardi 11 mars 2025"),
        ("MMMM y", "mars 2025", "mars 2025"),
    ],
)
def test_the_first_of_a_month_is_1er_in_french_alone(pattern, first, eleventh):
    assert format_day(date(2025, 3, 1), "fr", pattern) == first
    assert format_day(date(2025, 3, 11), "fr", pattern) == eleventh
    assert "er" not in format_day(date(2025, 3, 1), "en", pattern)


def test_numbers_and_days_are_read_as_a_french_reader_types_them(french):
    assert "ajouté" in french(
        "holdings", "add", "bitcoin", "0,5", "--day", "13.02.2025", "--amount", "1 234,56 €"
    )
    said = french("holdings", "list")
    assert "13 févr. 2025" in said
    assert "1 234,56 EUR" in said.replace("\u202f", " ")
    refused = french("letter", "--last", "13/2025")
    assert refused.startswith("erreur :")
    assert "'13/2025'" in refused
    assert french("letter", "--last", "14/02/2025") == french("letter", "--last", "2025-02-14")


def test_a_refused_amount_is_repeated_as_it_was_typed(french):
    said = french("holdings", "add", "bitcoin", "1", "--amount", "1 234,56 $")
    assert said.startswith("erreur : un montant doit être un nombre en EUR comme 250,00")
    assert "1 234,56 $" in said
    assert french("holdings", "add", "bitcoin", "1", "--language", "en", "--fee", "x").startswith("error: ")


def test_an_amount_far_from_the_price_of_its_day_is_told_with_days_and_numbers_of_the_reader(french):
    line = ("holdings", "add", "bitcoin", "2", "--day", "2025-02-13", "--amount", "1234567", "--money", "USD")
    said = french(*line).replace("\u202f", " ")
    assert "à savoir : 1 234 567 USD pour 2 Bitcoin" in said
    assert "le cours du 13 févr. 2025" in said
    assert "the price of 13 Feb 2025 was" in french(*line, "--language", "en")


def test_a_tried_file_shows_its_rows_and_a_refusal_names_the_option_that_answers_it(french, tmp_path):
    file = tmp_path / "mine.csv"
    words = ("holdings", "import", str(file))
    head = "Date;Type;Crypto;Quantité;Montant total;Devise\n"
    file.write_text(head + "13.02.2025;achat;BTC;0,5;1 234,56;EUR\n")
    tried = french(*words, "--dry-run").replace("\u202f", " ")
    for part in ("colonnes : time=Date", "13 févr. 2025", "achat", "bitcoin", "0,5", "1 234,56", "EUR"):
        assert part in tried
    file.write_text(head + "01/02/2025;achat;BTC;0,5;1 234,56;EUR\n")
    assert "réponse : --dates day_first" in french(*words, "--dry-run")
    assert "répondez par --dates day_first" in french(*words)
    file.write_text("a;b\n1;2\n")
    refused = french(*words)
    assert refused.startswith("erreur :")
    assert "répondez par --map time=HEADER" in refused
    assert "answer with --map time=HEADER" in french(*words, "--language", "en")


def test_at_most_twenty_rows_of_a_tried_file_are_shown(run, tmp_path):
    file = tmp_path / "mine.csv"
    rows = "".join(f"2025-02-{day:02},buy,BTC,1,100,EUR\n" for day in range(1, 26))
    file.write_text(f"Date,Type,Coin,Quantity,Total,Currency\n{rows}")
    said = run("holdings", "import", str(file), "--dry-run")
    assert said.split("to know")[0].count("bitcoin") == 20
    assert "would add 25 lines" in said


def test_a_long_number_stays_on_one_line_and_coins_have_their_names(home, monkeypatch, capsys):
    houses.fill(home)
    vigie = command_line(monkeypatch, capsys)
    for number in range(1, 10):
        vigie(
            "holdings", "add", "bitcoin", "0.1", "--day", f"2025-02-0{number}", "--amount", f"{number}012.83"
        )
    vigie("holdings", "add", "bitcoin", "0.1", "--day", "2025-03-01", "--amount", "9000", "--sold")
    for width in range(84, 140, 8):
        monkeypatch.setattr("vigie.views.cli.tables.WIDTH_WITHOUT_TERMINAL", width)
        printed = vigie("holdings", "tax", "--year", "2025", *FRENCH).out
        missing = [number for number in range(1, 10) if f"{number}\u202f012,83\xa0\u20ac" not in printed]
        assert not missing, width
    assert "0,1 Bitcoin" in " ".join(printed.split())
    assert "bitcoin" not in printed
    assert "bitcoin" in vigie("holdings", "tax", "--year", "2025", "--json").out
    for name in ("list", "worth", "gains"):
        table = vigie("holdings", name, *FRENCH).out
        assert "Bitcoin" in table
        assert " bitcoin " not in table
