"""A seed phrase or a private key in a file refuses it, by row and column, in words that do not repeat it."""

from __future__ import annotations

import pytest

from tests import houses
from tests.unit.services.holdings.material import ask, holding_house
from tests.unit.services.holdings.test_secrets_in_lines import KEY, WORDS
from vigie.domain.errors import UsageError

KOINLY = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Label,{note},TxHash\n"
ROW = "2025-02-01 10:00:00,1,EUR,1,BTC,,,{note},{hash}\n"
OWN = {"time": "when", "kind": "what", "coin": "coin", "quantity": "n"}
HEAD = "when,what,coin,n,safe,mark\n"
PLAIN = "2025-02-01,buy,BTC,1,Ledger,one\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return holding_house(tmp_path_factory.mktemp("secrets") / "home")


def refusal(built, text, **more):
    said = []
    for dry_run in (True, False):
        with pytest.raises(UsageError) as refused:
            ask(built, "import", text=text, dry_run=dry_run, **more)
        said.append(refused.value.args[0])
    assert said[0] == said[1]
    assert KEY[:8] not in said[0]
    assert "sausage" not in said[0]
    return said[0]


@pytest.mark.parametrize(("secret", "code"), [(WORDS, "import_seed_phrase"), (KEY, "import_private_key")])
@pytest.mark.parametrize("note", ["Description", "Label of the wallet", "Place"])
def test_a_secret_in_a_column_that_nobody_reads_refuses_the_file_by_row_and_column(built, secret, code, note):
    text = KOINLY.format(note=note) + ROW.format(note="mine", hash=KEY) + ROW.format(note=secret, hash=KEY)
    said = refusal(built, text)
    assert (said.code, said.startswith(f"row 3, column {note}, looks like a ")) == (code, True)


def test_hashes_of_transactions_and_what_is_mapped_as_an_id_are_no_keys_but_a_phrase_is_one_anywhere(built):
    text = KOINLY.format(note="Description") + ROW.format(note="cold", hash=KEY)
    assert ask(built, "import", text=text).new == 1
    mapped = HEAD + PLAIN.replace("one", KEY)
    assert ask(built, "import", text=mapped, columns={**OWN, "id": "mark"}).new == 1
    assert "row 2, column mark" in refusal(built, mapped, columns=OWN)
    # A column that is kept is looked at, whatever it is called.
    named = mapped.replace("mark", "Place id")
    assert "row 2, column Place id" in refusal(built, named, columns={**OWN, "place": "Place id"})
    assert "row 2, column TxHash" in refusal(
        built, KOINLY.format(note="Description") + ROW.format(note="", hash=WORDS)
    )


def test_a_phrase_with_a_word_in_each_cell_or_in_the_head_is_found(built):
    row = ",".join(WORDS.split())
    assert refusal(built, f"{HEAD}{PLAIN}{row}\n", columns=OWN).startswith("row 3, column 1, ")
    assert refusal(built, HEAD.replace("mark", WORDS) + PLAIN, columns=OWN).startswith("row 1, column 6, ")
    assert refusal(built, f"{HEAD}{PLAIN.strip()},,{KEY}\n", columns=OWN).startswith("row 2, column 8, ")


@pytest.mark.parametrize(
    "said", [{"place": "L" * 52}, {"file_name": WORDS}, {"columns": {"time": WORDS}}, {"coins": {"BTC": KEY}}]
)
def test_what_is_said_beside_a_file_is_looked_at_too(built, said):
    with pytest.raises(UsageError) as refused:
        ask(built, "import", text=HEAD + PLAIN, **{"columns": OWN, **said}, dry_run=False)
    assert refused.value.args[0].code in ("pasted_seed_phrase", "pasted_private_key")


def test_nothing_of_it_stays_in_the_home_the_log_or_on_the_page(tmp_path, caplog):
    caplog.set_level("DEBUG")
    built = holding_house(tmp_path / "home")
    browser = houses.Browser(built)
    for secret in (WORDS, KEY):
        text = KOINLY.format(note="Description") + ROW.format(note=secret, hash="")
        for sure in ({}, {"sure": "1"}):
            shown = browser.post("/portfolio/files/import", {"text": text, **sure})
            assert shown.status_code == 400
            assert "row 2, column Description" in shown.text
            assert KEY[:8] not in shown.text
            assert "sausage" not in shown.text
        refusal(built, text, file_name="export.csv")
    ask(built, "add", coin="bitcoin", quantity="1", place="Ledger")
    kept = [path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert any(b"Ledger" in content for content in kept), "what was kept is found"
    assert not [content for content in kept if KEY[:8].encode() in content or b"sausage" in content]
    assert KEY[:8] not in caplog.text
    assert "sausage" not in caplog.text


def test_a_product_and_a_correction_are_looked_at(built):
    line = {"coin": "bitcoin", "quantity": "0.5"}
    entry = ask(built, "add", **line).entry
    key = "K" + "a" * 51
    for field in ("product", "place", "to_place"):
        for name, more in (("add", {}), ("change", {"holding": entry})):
            with pytest.raises(UsageError, match="private key"):
                ask(built, name, **line, **{field: key}, **more)


@pytest.mark.parametrize("dress", ["Seed: {}", '"“{}”"', "[{}] keep it", "wallet={}"])
@pytest.mark.parametrize("secret", [WORDS, " ".join("的一是在不了有和人这中大")])
def test_a_phrase_with_something_around_it_refuses_the_file(built, dress, secret):
    text = HEAD + PLAIN.replace("Ledger", dress.format(secret))
    assert refusal(built, text, columns={**OWN, "place": "safe"}).code == "import_seed_phrase"


@pytest.mark.parametrize("secret", [WORDS, f"Seed: {WORDS}", KEY, "\u200b".join("L" * 52)])
@pytest.mark.parametrize("column", ["Platform", "Asset", "Units", "Note"])
def test_a_statement_of_a_platform_with_a_secret_is_refused_before_anything_repeats_it(built, secret, column):
    row = {"Platform": "Kraken", "Asset": "BTC", "Category": "sale", "Units": "1", "Note": "", column: secret}
    text = f"{','.join(row)}\n{','.join(row.values())}\n"
    for dry_run in (True, False):
        with pytest.raises(UsageError, match=f"row 2, column {column}, looks like a ") as refused:
            ask(built, "import_reported", text=text, year=2024, dry_run=dry_run)
        assert secret[:12] not in str(refused.value)


def test_a_place_in_a_file_is_as_short_as_a_typed_one_and_of_one_line(built):
    mapped = {**OWN, "place": "safe"}
    told = ask(built, "import", text=HEAD + PLAIN.replace("Ledger", "p" * 61), columns=mapped)
    assert [(fault.row, fault.column) for fault in told.refused] == [(2, "safe")]
    assert "at most 60 characters" in told.refused[0].message
    lines = HEAD + PLAIN.replace("Ledger", '"Ledger\n  two"')
    assert ask(built, "import", text=lines, columns=mapped, dry_run=False).new == 1
    assert "Ledger two" in [row.place for row in ask(built, "list").rows]


@pytest.mark.parametrize("secret", ["zoo " * 11 + "wrong", "L" * 52])
@pytest.mark.parametrize(
    ("name", "field"),
    [("coins", "coin"), ("account_events", "account"), ("include_account", "account"), ("resolve", "asset")],
)
def test_a_question_about_a_secret_repeats_nothing_of_it(built, name, field, secret):
    more = {"holding": "e0123456789abcdef"} if name == "resolve" else {}
    with pytest.raises(UsageError) as refused:
        ask(built, name, **{field: secret}, **more)
    assert "zoo" not in str(refused.value)
    assert "LLL" not in str(refused.value)
