"""The page of files of holdings: preview, what is asked, confirm, undo; without scripts and in both languages."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from vigie.domain.fact import Observation
from vigie.domain.person import OWNER
from vigie.domain.time import parse_time
from vigie.services.operation_calls import run_operation

PAGE = "/portfolio/files"
FILES = Path(__file__).parents[3] / "data" / "holdings"
HEAD = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def text_of(answer) -> str:
    main = answer.text[answer.text.index("<main") :]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


def hidden(answer) -> dict[str, str]:
    plan = answer.text[answer.text.index('id="plan"') :]
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', plan[: plan.index("</form>")])
    return {name: unescape(value) for name, value in found if name != "csrf"}


def rows(built) -> list[str]:
    return [row.kind for row in run_operation(built, OWNER, "holdings.list", {}).rows]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_file_is_seen_before_it_enters_and_is_undone(built, language):
    browser = houses.Browser(built, language=language)
    assert PAGE in browser.get("/portfolio").text
    seen = browser.post(f"{PAGE}/import", {"text": (FILES / "kraken.csv").read_text()})
    assert seen.status_code == 200
    said = {"en": "4 new lines, 0 known already, 0 changed, 3 left out", "fr": "4 nouvelles lignes"}[language]
    assert said in text_of(seen)
    assert rows(built) == []
    done = browser.post(f"{PAGE}/import", {**hidden(seen), "sure": "1"})
    assert sorted(rows(built)) == ["buy", "income", "swap", "transfer"]
    batch = re.search(r'name="holding_batch" value="(\w+)"', done.text)[1]
    browser.post("/portfolio/undo", {"holding_batch": batch})
    assert rows(built) == []


def test_a_row_that_cannot_be_read_is_told_and_may_be_left_out(built):
    browser = houses.Browser(built)
    text = f"{HEAD}2025-02-01 10:00:00,1,EUR,1,BTC,,,\n2025-02-02 10:00:00,1,EUR,NaN,BTC,,,\n"
    seen = browser.post(f"{PAGE}/import", {"text": text})
    assert "Row 3, received amount" in text_of(seen)
    assert 'name="sure"' not in seen.text
    again = browser.post(f"{PAGE}/import", {**hidden(seen), "leave_out": "3"})
    assert 'name="sure"' in again.text
    browser.post(f"{PAGE}/import", {**hidden(again), "leave_out": "3", "sure": "1"})
    assert rows(built) == ["buy"]
    wrong = browser.post(f"{PAGE}/import", {"text": text, "leave_out": "three"})
    assert wrong.status_code == 400
    assert "rows to leave out must be their numbers" in text_of(wrong)


def test_a_ticker_is_asked_and_another_file_is_read_by_its_columns(built):
    browser = houses.Browser(built)
    form = {"text": "when;what;coin;n\n2025-02-01;buy;NOPE;1\n", "column_time": "when", "column_kind": "what",
            "column_coin": "coin", "column_quantity": "n"}  # fmt: skip
    seen = browser.post(f"{PAGE}/import", form)
    assert 'name="coin_NOPE"' in seen.text
    assert 'name="sure"' not in seen.text
    again = browser.post(f"{PAGE}/import", {**hidden(seen), "coin_NOPE": "solana"})
    browser.post(f"{PAGE}/import", {**hidden(again), "sure": "1"})
    assert rows(built) == ["buy"]


def test_hostile_cells_are_shown_as_text_and_nothing_enters(built):
    browser = houses.Browser(built)
    script = "<script>alert(1)</script>"
    seen = browser.post(
        f"{PAGE}/import", {"text": f"{HEAD}{script},1,EUR,1,{script},,,{script}\n", "place": script}
    )
    assert script not in seen.text
    assert "&lt;script&gt;" in seen.text
    assert browser.post(f"{PAGE}/import", {"text": "a,b\n1,2\n"}).status_code == 400
    assert rows(built) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_proposed_transfer_is_joined_undone_and_refused(built, language):
    browser = houses.Browser(built, language=language)
    sent, came = "2025-03-01 10:00:00,0.5,BTC,,,,,\n", "2025-03-01 11:00:00,,,0.4998,BTC,,,\n"
    for place, row in (("Kraken", sent), ("<b>Safe", came)):
        given = {"text": HEAD + row, "place": place, "dry_run": False}
        run_operation(built, OWNER, "holdings.import", given)
    assert f"{PAGE}#transfers" in browser.get("/portfolio").text
    seen = browser.get(PAGE)
    said = {"en": "0.5 Bitcoin left Kraken on", "fr": "0,5 Bitcoin\xa0: sortis de Kraken le"}[language]
    assert said in text_of(seen).replace("Bitcoin :", "Bitcoin\xa0:")
    assert "<b>Safe" not in seen.text
    found = dict(re.findall(r'name="(holding|arrival)" value="(\w+)"', seen.text))
    done = browser.post(f"{PAGE}/transfer", {**found, "what": "join"})
    assert rows(built) == ["transfer"]
    batch = re.search(r'name="holding_batch" value="(\w+)"', done.text)[1]
    listed = browser.get(PAGE)
    said = {"en": "0.4998 Bitcoin from Kraken to", "fr": "0,4998 Bitcoin de Kraken à"}[language]
    assert said in text_of(listed)
    assert f'name="holding_batch" value="{batch}"' in listed.text
    undone = browser.post(f"{PAGE}/undo", {"holding_batch": batch})
    assert {"en": "Undone.", "fr": "Annulé."}[language] in text_of(undone)
    assert 'id="joined"' not in undone.text
    assert rows(built) == ["transfer", "transfer"]
    browser.post(f"{PAGE}/transfer", {**found, "what": "refuse"})
    assert 'id="transfers"' not in browser.get(PAGE).text
    none = {"en": "Nothing is clear", "fr": "Rien n’est clair"}[language]
    assert none in text_of(browser.post(f"{PAGE}/transfers", {}))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_of_many_transfers_twenty_are_shown_and_those_joined_together_are_undone_together(built, language):
    browser = houses.Browser(built, language=language)
    days = [f"2025-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29, 4)][:21]
    sent = "".join(f"{day} 10:00:00,0.5,BTC,,,,,\n" for day in days)
    came = "".join(f"{day} 11:00:00,,,0.4998,BTC,,,\n" for day in days)
    for place, file in (("Kraken", sent), ("Ledger", came)):
        run_operation(
            built, OWNER, "holdings.import", {"text": HEAD + file, "place": place, "dry_run": False}
        )
    more = {"en": "1 more follow", "fr": "1 autres"}[language]
    assert more in text_of(browser.get(PAGE))
    browser.post(f"{PAGE}/transfers", {})
    first = browser.get(PAGE)
    said = {"en": "Undo all 21", "fr": "Annuler les 21"}[language]
    assert text_of(first).count(said) == 20
    assert text_of(browser.get(f"{PAGE}?cursor=20")).count(said) == 1
    batch = re.search(r'name="holding_batch" value="(\w+)"', first.text)[1]
    browser.post(f"{PAGE}/undo", {"holding_batch": batch})
    assert len(rows(built)) == 42


OWN = "My ledger,,,,\nwhen;what;coin;how many;paid\n2025-02-01;buy;BTC;1;5\n"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_headers_of_another_file_are_offered_once_it_was_sent_and_all_that_the_map_lacks_is_told(
    built, language
):
    browser = houses.Browser(built, language=language)
    assert 'name="column_time"' not in browser.get(PAGE).text, "nothing is typed by hand"
    seen = browser.post(f"{PAGE}/import", {"text": OWN})
    assert seen.status_code == 400
    assert 'class="form-errors"' not in seen.text, "nothing was done wrong"
    said = {"en": "Check the columns below, then preview", "fr": "Vérifiez les colonnes ci-dessous"}[language]
    assert said in text_of(seen)
    assert '<details class="group" id="other-files" open' in seen.text
    select = re.search(r'<select id="f-column_time"[^>]*>(.*?)</select>', seen.text)[1]
    assert re.findall(r'<option value="([^"]+)"', select) == ["when", "what", "coin", "how many", "paid"]
    kinds = re.findall(r"<code>([^<]+)</code>", seen.text)
    words = {
        "en": {"buy", "sell", "swap", "staking", "gift out", "withdrawal"},
        "fr": {"achat", "vente", "échange", "staking", "don fait", "retrait"},
    }
    assert words[language] <= set(kinds)
    again = browser.post(f"{PAGE}/import", {"text": OWN, "column_time": "when", "column_amount": "paid",
                                            "column_id": "gone"})  # fmt: skip
    assert again.status_code == 400
    errors = again.text[again.text.index('class="form-errors"') :]
    told = re.findall(r'href="#f-(column_\w+)"', errors[: errors.index("</ul>")])
    assert told == ["column_kind", "column_coin", "column_quantity", "column_id", "column_currency"]
    assert '<option value="when" selected' in again.text, "what was chosen stays"
    assert '<details class="group" id="other-files" open' in again.text
    good = {
        "column_time": "when",
        "column_kind": "what",
        "column_coin": "coin",
        "column_quantity": "how many",
    }
    plan = browser.post(f"{PAGE}/import", {"text": OWN, **good})
    browser.post(f"{PAGE}/import", {**hidden(plan), "sure": "1"})
    assert rows(built) == ["buy"]


def test_the_preview_of_own_columns_says_words_and_remembers_the_choices(built):
    browser = houses.Browser(built, language="fr")
    text = "quand;quoi;coin;n\n2025-02-01;achat;BTC;0,5\n2025-02-02;don fait;BTC;0,1\n"
    form = {
        "text": text,
        "column_time": "quand",
        "column_kind": "quoi",
        "column_coin": "coin",
        "column_quantity": "n",
    }
    seen = browser.post(f"{PAGE}/import", form)
    said = text_of(seen)
    assert "Colonnes choisies" in said
    assert "Ses nombres ont une virgule décimale." in said
    assert "acheté" in said
    assert "cadeau fait" in said or "don fait" in said
    for word in ("own_columns", "buy", "gift"):
        assert word not in said
    browser.post(f"{PAGE}/import", {**hidden(seen), "sure": "1"})
    assert sorted(rows(built)) == ["buy", "gift"]
    again = browser.post(f"{PAGE}/import", {"text": text.replace("0,5", "0,7")})
    assert "Lu comme votre dernier fichier avec ces en-têtes" in text_of(again)
    assert '<option value="quand" selected' in again.text
    browser.post(f"{PAGE}/import", {**hidden(again), "sure": "1"})
    assert sorted(rows(built)) == ["buy", "buy", "gift"]


def test_headers_are_found_below_a_title_and_where_a_column_has_none(built):
    text = "My export,,,,\n,when,what,coin,n\n0,2025-02-01T10:00:00Z,buy,BTC,1\n"
    seen = houses.Browser(built).post(f"{PAGE}/import", {"text": text})
    for header in ("when", "what", "coin", "n"):
        assert f'<option value="{header}"' in seen.text
    assert '<option value="BTC"' not in seen.text


@pytest.mark.parametrize(
    "secret",
    ["abandon " * 11 + "about", "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn"],
)
@pytest.mark.parametrize("how", [{}, {"column_time": "when"}, {"leave_out": "three"}])
def test_a_secret_in_a_file_that_is_refused_for_something_else_is_not_shown_again(built, how, secret):
    for text in (f"when,what\n2025-02-01,{secret}\n", f"{secret},what\n2025-02-01,buy\n", f"<a>{secret}</b>"):
        answer = houses.Browser(built).post(f"{PAGE}/import", {"text": text, **how})
        assert answer.status_code == 400
        assert secret not in unescape(answer.text)


def test_a_hash_in_a_file_that_is_refused_stays_so_that_its_column_can_be_chosen(built):
    answer = houses.Browser(built).post(f"{PAGE}/import", {"text": f"when,proof\n2025-02-01,{'ab' * 32}\n"})
    assert "ab" * 32 in answer.text
    assert '<option value="proof"' in answer.text


def test_a_seed_phrase_in_a_choice_of_columns_is_repeated_nowhere(built):
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    answer = houses.Browser(built).post(f"{PAGE}/import", {"text": OWN, "column_time": phrase})
    assert answer.status_code == 400
    assert "sausage" not in answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_candidates_of_a_shared_ticker_have_their_price_on_the_day_of_the_line(built, language):
    listed = [{"id": name, "symbol": "twin", "name": f"Twin {name}"} for name in ("twin-one", "twin-two")]
    now = built.clock.market_now()
    built.facts.put_document("coingecko", "markets", now, {"rows": listed})
    at = parse_time("2025-02-01")
    built.facts.append([Observation("onchain/twin-one/price_usd", at, at, 0.43)])
    browser = houses.Browser(built, language=language)
    seen = browser.post(f"{PAGE}/import", {"text": f"{HEAD}2025-02-01 10:00:00,1,EUR,1,TWIN,,,\n"})
    then = {"en": ("$0.4300 on 1 Feb 2025", "price of 1 Feb 2025 not known"),
            "fr": ("0,4300 $ le 1er f\u00e9vr. 2025", "prix du 1er f\u00e9vr. 2025 inconnu")}[language]  # fmt: skip

    def plain(answer) -> str:
        return re.sub(r"[\xa0\u202f]", " ", text_of(answer)).replace("Feb 1, 2025", "1 Feb 2025")

    assert [one in plain(seen) for one in then] == [True, True]
    line = {"coin": "TWIN", "quantity": "3", "day": "2025-02-01", "new_id": "e" + "b" * 16}
    asked = browser.post("/portfolio/save", line)
    assert [one in plain(asked) for one in then] == [True, True]
    later = browser.post("/portfolio/save", {**line, "later": "1"})
    assert [one in plain(later) for one in then] == [True, True]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_clear_headers_are_chosen_already_and_the_preview_has_amounts_and_warns_of_far_ones(built, language):
    browser = houses.Browser(built, language=language)
    text = "Date;Type;Coin;Quantity;Unit price;Currency;Fee\n2025-02-01;buy;BTC;2;1000000;EUR;3\n"
    seen = browser.post(f"{PAGE}/import", {"text": text})
    assert seen.status_code == 200
    assert 'name="sure"' in seen.text, "the preview is there at once"
    assert {"en": "are chosen already: check them", "fr": "déjà choisies"}[language] in text_of(seen)
    chosen = dict(
        re.findall(
            r'<select id="f-column_(\w+)"[^>]*>(?:(?!</select>).)*?<option value="([^"]+)" selected',
            seen.text,
        )
    )
    assert chosen == {"time": "Date", "kind": "Type", "coin": "Coin", "quantity": "Quantity",
                      "unit_price": "Unit price", "currency": "Currency", "fee": "Fee"}  # fmt: skip
    plan = browser.post(
        f"{PAGE}/import", {"text": text, **{f"column_{name}": value for name, value in chosen.items()}}
    )
    told = text_of(plan).replace("\xa0", " ").replace("\u202f", " ")
    assert {"en": "2,000,000 EUR", "fr": "2 000 000 EUR"}[language] in told
    assert "3 EUR" in told
    assert {"en": "1 Feb 2025", "fr": "1er févr. 2025"}[language] in told
    assert "2025-02-01" not in told.split("Import a file")[0].split("Importer un fichier")[0]
    assert {
        "en": "check whether the amount is that of the whole row",
        "fr": "vérifiez que le montant est celui",
    }[language] in told
    assert 'name="sure"' in plan.text, "a warning refuses nothing"


def test_a_file_that_a_reader_knows_has_no_columns_chosen_for_it(built):
    seen = houses.Browser(built).post(
        f"{PAGE}/import", {"text": (FILES / "kraken.csv").read_text(), "leave_out": "x"}
    )
    assert seen.status_code == 400
    assert not re.search(
        r'<select id="f-column_\w+"[^>]*>(?:(?!</select>).)*?<option value="[^"]+" selected', seen.text
    )


def test_a_file_without_a_currency_asks_for_it_and_takes_the_choice_for_all_amounts(built):
    browser = houses.Browser(built)
    form = {"text": OWN, "column_time": "when", "column_kind": "what", "column_coin": "coin",
            "column_quantity": "how many", "column_amount": "paid"}  # fmt: skip
    asked = browser.post(f"{PAGE}/import", form)
    assert asked.status_code == 400
    assert "choose its column, or EUR or USD for all amounts" in text_of(asked)
    both = browser.post(f"{PAGE}/import", {**form, "column_unit_price": "paid", "column_fee": "paid"})
    assert "One problem to fix" in text_of(both), "they lack one currency"
    seen = browser.post(f"{PAGE}/import", {**form, "currency": "EUR"})
    assert "5 EUR" in text_of(seen)
    assert '<option value="EUR" selected' in seen.text
    browser.post(f"{PAGE}/import", {**hidden(seen), "sure": "1"})
    assert [(row.amount, row.currency) for row in run_operation(built, OWNER, "holdings.list", {}).rows] == [
        ("5", "EUR")
    ]


SHEET = "Date;Type;Crypto;Quantité;Montant\n13.02.2025;achat;BTC;0,5;1 234,56 €\n"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_french_spreadsheet_is_read_as_it_was_saved_and_says_its_encoding_and_order_of_days(
    built, language
):
    browser = houses.Browser(built, language=language)
    form = {"column_time": "Date", "column_kind": "Type", "column_coin": "Crypto", "column_quantity": "Quantité",
            "column_amount": "Montant", "file_encoding": "typed by hand"}  # fmt: skip
    seen = browser.post(
        f"{PAGE}/import", form, files={"file": ("sheet.csv", SHEET.encode("cp1252"), "text/csv")}
    )
    assert seen.status_code == 200
    said = text_of(seen).replace("\xa0", " ").replace("\u202f", " ")
    assert {"en": "read as Windows-1252", "fr": "lu en Windows-1252"}[language] in said
    assert {"en": "Its days are read day first.", "fr": "avec le jour en premier"}[language] in said
    assert {"en": "1,234.56 EUR", "fr": "1 234,56 EUR"}[language] in said
    browser.post(f"{PAGE}/import", {**hidden(seen), "sure": "1"})
    assert [(row.day, row.amount) for row in run_operation(built, OWNER, "holdings.list", {}).rows] == [
        ("2025-02-13", "1234.56")
    ]
    plain = browser.post(
        f"{PAGE}/import", form, files={"file": ("sheet.csv", SHEET.encode("utf-8-sig"), "text/csv")}
    )
    assert "typed by hand" not in plain.text
    assert "Windows-1252" not in plain.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_picture_is_said_to_be_no_text(built, language):
    picture = {"file": ("sheet.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png")}
    answer = houses.Browser(built, language=language).post(f"{PAGE}/import", {"text": ""}, files=picture)
    assert answer.status_code == 400
    assert {"en": "perhaps a workbook or a picture", "fr": "un classeur ou une image"}[language] in text_of(
        answer
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_row_like_a_kept_line_leads_to_that_line_and_may_be_left_out(built, language):
    browser = houses.Browser(built, language=language)
    text = f"{HEAD}2025-02-01 10:00:00,40000,EUR,1,BTC,,,\n"
    run_operation(built, OWNER, "holdings.import", {"text": text, "dry_run": False})
    (line,) = run_operation(built, OWNER, "holdings.list", {}).rows
    seen = browser.post(f"{PAGE}/import", {"text": text.replace("40000", "41000")})
    assert {"en": "with another amount", "fr": "avec un autre montant"}[language] in text_of(seen)
    assert f'href="/portfolio?edit={line.entry}#add"' in seen.text
    browser.post(f"{PAGE}/import", {**hidden(seen), "leave_out": "2", "sure": "1"})
    assert rows(built) == ["buy"]


@pytest.mark.parametrize(
    ("row", "name", "choice", "told"),
    [
        ("03/02/2025,buy,BTC,1,5 €", "dates", "month_first", ("2025-03-02", "1", "5")),
        ('2025-02-01,buy,BTC,"1,234",5 €', "mark", "comma", ("2025-02-01", "1.234", "5")),
        ("2025-02-01,buy,BTC,1,5", "currency", "USD", ("2025-02-01", "1", "5")),
    ],
)
def test_a_choice_that_a_refused_row_needs_is_asked_in_the_preview_itself(built, row, name, choice, told):
    browser = houses.Browser(built)
    form = {"text": f"Date,Type,Coin,N,Paid\n{row}\n# €,,,,\n", "leave_out": "3", "column_time": "Date",
            "column_kind": "Type", "column_coin": "Coin", "column_quantity": "N", "column_amount": "Paid"}  # fmt: skip
    seen = browser.post(f"{PAGE}/import", form)
    plan = seen.text[seen.text.index('id="plan"') :]
    plan = plan[: plan.index("</form>")]
    assert f'<select id="f-file-{name}-asked" name="{name}"' in plan
    assert 'name="sure"' not in plan
    again = browser.post(f"{PAGE}/import", {**hidden(seen), "leave_out": "3", name: choice})
    browser.post(f"{PAGE}/import", {**hidden(again), "leave_out": "3", "sure": "1"})
    (line,) = run_operation(built, OWNER, "holdings.list", {}).rows
    assert (line.day, line.quantity, line.amount) == told
