"""Files of one's own columns: words for kinds in two languages, decimal marks, choices for the next file."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ANN, BOB, ask, holding_house
from vigie.domain.errors import UsageError
from vigie.domain.holding import holding_event
from vigie.services.holdings.file_marks import find_mark

COLUMNS = {"time": "Date", "kind": "Type", "coin": "Coin", "quantity": "Nombre", "amount": "Montant",
           "currency": "Devise", "to_coin": "Vers", "to_quantity": "Reçu"}  # fmt: skip
HEAD = "Date;Type;Coin;Nombre;Montant;Devise;Vers;Reçu\n"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def load(built, text, caller=ANN, **more):
    return ask(built, "import", caller, text=text, **more)


def row(kind, quantity="1", more=";;;"):
    return f"{HEAD}2025-02-01;{kind};BTC;{quantity};{more}\n"


@pytest.mark.parametrize(
    ("word", "kind", "way"),
    [
        ("Achat", "buy", ""), ("ACHAT", "buy", ""), ("dépôt", "transfer", ""), ("Depot", "transfer", ""),
        ("retrait", "transfer", ""), ("revenu", "income", ""), ("Récompense", "income", ""),
        ("RECOMPENSE", "income", ""), ("intérêts", "income", ""), ("minage", "income", ""), ("frais", "fee", ""),
        ("cadeau", "gift", "in"), ("don reçu", "gift", "in"), ("don fait", "gift", "out"), ("perte", "loss", ""),
        ("vol", "loss", ""), ("Income", "income", ""), ("Withdrawal", "transfer", ""),
    ],
)  # fmt: skip
def test_a_kind_may_be_written_in_french_or_english_in_any_case_with_or_without_accents(
    built, word, kind, way
):
    found = load(built, row(word), columns=COLUMNS)
    assert [(line.kind, line.way) for line in found.new_lines] == [(kind, way)], found.refused


def test_sales_swaps_and_forks_have_two_sides(built):
    text = (
        f"{HEAD}2025-02-01;vente;BTC;0,5;20000;EUR;;\n2025-02-02;échange;BTC;0,5;;;ETH;8\n"
        "2025-02-03;fork;BTC;;;;DOGE;2\n2025-02-04;fork;BTC;;;;;\n"
    )
    found = load(built, text, columns=COLUMNS, leave_out=[5], dry_run=False)
    sale, swap, fork = sorted(
        (holding_event(record) for record in built.holdings.records("u-ann")), key=lambda event: event["at"]
    )
    assert (found.mark, sale["kind"], sale["proceeds"]) == (
        "comma", "sell", {"amount": "20000", "cur": "EUR"},
    )  # fmt: skip
    assert (swap["kind"], swap["to_qty"], fork["kind"], fork["to_asset"]) == ("swap", "8", "fork", "dogecoin")
    assert "qty" not in fork
    (fault,) = load(built, text, columns=COLUMNS).refused
    assert "a fork must name" in fault.message


@pytest.mark.parametrize("word", ["transfert", "don"])
def test_a_word_for_both_ways_takes_that_of_its_sign_and_is_asked_without(built, word):
    (fault,) = load(built, row(word), columns=COLUMNS).refused
    assert (fault.column, "does not say whether" in fault.message) == ("type", True)
    came = load(built, row(word, "+1"), columns=COLUMNS, dry_run=False).new_lines[0]
    left = load(built, row(word, "-1"), columns=COLUMNS, dry_run=False).new_lines[0]
    assert (came.quantity, left.quantity, came.entry != left.entry) == ("1", "1", True)
    events = {record.event: holding_event(record) for record in built.holdings.records("u-ann")}
    into, out = events[came.entry], events[left.entry]
    ends = ("place", "to_place") if word == "transfert" else ("way", "way")
    assert (into[ends[0]], out[ends[1]]) == (
        ("elsewhere", "elsewhere") if word == "transfert" else ("in", "out")
    )


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["0,25", "1 000"], "comma"), (["1500,5"], "comma"), (["1.500,50", "3"], "comma"),
        (["0,25", "1,234"], "comma"), (["€12,50"], "comma"),
        (["1,234"], ""), (["1,234,567"], ""), (["0.25"], ""), (["0,25", "0.5"], ""), (["0,25", "1.234"], ""), ([], ""),
    ],
)  # fmt: skip
def test_a_decimal_comma_is_found_only_where_nothing_else_may_be_meant(cells, mark):
    assert find_mark(cells) == mark


def test_what_may_mark_thousands_or_decimals_is_asked(built):
    (fault,) = load(built, row("achat", "1,234"), columns=COLUMNS).refused
    assert "may mark thousands or decimals" in fault.message
    assert load(built, row("achat", "1,234"), columns=COLUMNS, mark="comma").new_lines[0].quantity == "1.234"


def test_choices_hold_for_the_next_file_with_the_same_headers_of_the_same_person(built):
    first = row("achat", "1,234").replace("2025-02-01", "02/01/2025 10:00")
    told = {"columns": COLUMNS, "mark": "comma", "dates": "month_first", "zone": "Europe/Paris"}
    assert not load(built, first).is_remembered
    load(built, first, **told)
    assert not load(built, first).is_remembered
    assert not load(built, first, dry_run=False, **told).is_remembered
    again = load(built, first.replace("1,234", "2,345"))
    assert (again.is_remembered, again.columns, again.mark, again.dates, again.zone) == (
        True, COLUMNS, "comma", "month_first", "Europe/Paris",
    )  # fmt: skip
    assert (again.new_lines[0].at, again.new_lines[0].quantity) == ("2025-02-01T09:00:00Z", "2.345")
    assert (
        load(built, first, columns=COLUMNS, dates="day_first", mark="point").new_lines[0].quantity == "1234"
    )
    assert not load(built, first, BOB).is_remembered
    with pytest.raises(UsageError, match="no reader knows"):
        load(built, first.replace("Type", "Genre"))


def test_of_many_kinds_of_files_the_newest_are_kept(built):
    for number in range(22):
        head = HEAD.replace("Devise", f"Devise {number}")
        columns = {**COLUMNS, "currency": f"Devise {number}"}
        text = row("achat", str(number + 1)).replace(HEAD, head)
        load(built, text, columns=columns, dry_run=False)
    assert len(built.accounts.settings("u-ann/file_choices")[1]) == 20


def test_evident_headers_need_no_choice_and_what_was_said_beside_them_is_kept(built):
    text = "Date;Type;Crypto;Quantité;Montant total;Devise\n01/02/2025;achat;BTC;0,5;20000;EUR\n"
    found = load(built, text, dates="day_first")
    assert (found.new, found.is_remembered, found.refused) == (1, False, [])
    assert found.columns["amount"] == "Montant total"
    assert load(built, text, dates="day_first", dry_run=False).new == 1
    again = load(built, text)
    assert (again.is_remembered, again.dates, again.known) == (True, "day_first", 1)


def test_headers_of_which_one_is_not_evident_are_still_asked(built):
    with pytest.raises(UsageError, match="no reader knows"):
        load(built, "Date;Type;Crypto;N\n01/02/2025;achat;BTC;0,5\n")
