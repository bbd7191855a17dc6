"""Files of holdings that were imported: listed by name, and undone long after."""

from __future__ import annotations

import asyncio
import re
from html import unescape

import pytest

from tests import houses
from tests.unit.services.holdings.material import ANN, ask, holding_house
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation
from vigie.views.web.pages.portfolio.files import MOST_FILES

PAGE = "/portfolio/files"
HEAD = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
ROW = "2025-02-{day:02} 10:00:00,1,EUR,{quantity},BTC,,,\n"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def card(page) -> str:
    """Return what the list of files says."""
    text = page.text[page.text.index('id="imports"') :]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[: text.index("</section>")])))


def send(browser, name: str, text: str):
    """Choose a file, look at it, and add it."""
    seen = browser.post(f"{PAGE}/import", {}, files={"file": (name, text.encode(), "text/csv")})
    plan = seen.text[seen.text.index('id="plan"') :]
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', plan[: plan.index("</form>")])
    form = {field: unescape(value) for field, value in fields if field != "csrf"}
    return browser.post(f"{PAGE}/import", {**form, "sure": "1"})


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_imported_file_is_listed_and_undone_after_a_question(built, language):
    browser = houses.Browser(built, language=language)
    assert 'id="imports"' not in browser.get(PAGE).text
    send(browser, "achats 2025.csv", HEAD + ROW.format(day=1, quantity=1) + ROW.format(day=2, quantity=2))
    send(browser, "<b>other</b>.csv", HEAD + ROW.format(day=3, quantity=3))
    listed = browser.get(PAGE)
    said = card(listed)
    assert "<b>other" not in listed.text
    assert "<b>other</b>.csv" in said
    assert {"en": "2 lines", "fr": "2 lignes"}[language] in said
    batch = {row.name: row.batch for row in run_operation(built, OWNER, "holdings.batches", {}).rows}[
        "achats 2025.csv"
    ]
    assert f'name="undo" value="{batch}"' in listed.text
    asked = browser.get(PAGE, params={"undo": batch})
    assert {"en": "Remove achats 2025.csv", "fr": "Retirer achats 2025.csv"}[language] in card(asked)
    for words in {"en": ("Remove this file", "Keep it"), "fr": ("Retirer ce fichier", "Ne rien changer")}[
        language
    ]:
        assert words in card(asked)
    assert {"en": "Undo", "fr": "Annuler"}[language] not in card(asked)
    assert run_operation(built, OWNER, "holdings.list", {}).total == 3, "a question undoes nothing"
    browser.post(f"{PAGE}/undo", {"holding_batch": batch})
    assert [row.quantity for row in run_operation(built, OWNER, "holdings.list", {}).rows] == ["3"]
    assert "achats 2025.csv" not in card(browser.get(PAGE))


def test_a_file_that_is_refused_first_keeps_its_name(built):
    browser = houses.Browser(built)
    text = "when,what,coin,n\n2025-02-01,buy,BTC,1\n"
    refused = browser.post(f"{PAGE}/import", {}, files={"file": ("mine.csv", text.encode(), "text/csv")})
    assert refused.status_code == 400
    (name,) = re.findall(r'type="hidden" name="file_name" value="([^"]*)"', refused.text)
    columns = {"column_time": "when", "column_kind": "what", "column_coin": "coin", "column_quantity": "n"}
    browser.post(f"{PAGE}/import", {"text": text, "file_name": name, **columns, "sure": "1"})
    assert "mine.csv" in card(browser.get(PAGE))
    # Another file that is chosen then has its own name.
    other = text.replace(",1\n", ",2\n").encode()
    form = {"file_name": name, "text": text, **columns, "sure": "1"}
    browser.post(f"{PAGE}/import", form, files={"file": ("theirs.csv", other, "text/csv")})
    assert "theirs.csv" in card(browser.get(PAGE))


def test_pasted_lines_and_lines_by_hand_are_told_apart_and_many_files_are_counted(built):
    browser = houses.Browser(built)
    run_operation(built, OWNER, "holdings.add", {"coin": "bitcoin", "quantity": "1"})
    assert 'id="imports"' not in browser.get(PAGE).text
    for number in range(MOST_FILES + 2):
        text = HEAD + ROW.format(day=1, quantity=number + 1)
        run_operation(built, OWNER, "holdings.import", {"text": text, "dry_run": False})
    said = card(browser.get(PAGE))
    assert said.count("pasted lines") == MOST_FILES
    assert "2 older ones are not shown here" in said


def test_the_question_about_a_file_that_is_not_there_is_none(built):
    browser = houses.Browser(built)
    send(browser, "a.csv", HEAD + ROW.format(day=1, quantity=1))
    assert 'id="undo-file"' not in browser.get(PAGE, params={"undo": "h" + "0" * 16}).text


def test_the_name_of_a_file_is_shortened_and_a_secret_in_it_is_kept_nowhere(built):
    browser = houses.Browser(built)
    send(browser, "x" * 300 + ".csv", HEAD + ROW.format(day=1, quantity=1))
    (row,) = run_operation(built, OWNER, "holdings.batches", {}).rows
    assert (len(row.name), row.name[-5:]) == (120, "x.csv")
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    files = {"file": (phrase, (HEAD + ROW.format(day=2, quantity=1)).encode(), "text/csv")}
    answer = browser.post(f"{PAGE}/import", {}, files=files)
    assert answer.status_code == 400
    assert "sausage" not in answer.text


def test_a_file_of_somebody_else_is_neither_listed_nor_undone(built):
    batch = ask(built, "import", ANN, text=HEAD + ROW.format(day=1, quantity=1), dry_run=False).batch
    browser = houses.Browser(built)
    send(browser, "mine.csv", HEAD + ROW.format(day=1, quantity=1))
    assert f'value="{batch}"' not in browser.get(PAGE, params={"undo": batch}).text
    assert browser.post(f"{PAGE}/undo", {"holding_batch": batch}).status_code == 404
    assert [ask(built, "list", ANN).total, run_operation(built, OWNER, "holdings.list", {}).total] == [1, 1]


def test_another_site_cannot_undo_a_file(built):
    browser = houses.Browser(built)
    send(browser, "mine.csv", HEAD + ROW.format(day=1, quantity=1))
    (row,) = run_operation(built, OWNER, "holdings.batches", {}).rows
    form = {"holding_batch": row.batch}
    sent = [
        browser._send("POST", f"{PAGE}/undo", data=form),
        browser._send("POST", f"{PAGE}/undo", data={**form, "csrf": "0" * 64}),
        browser._send(
            "POST",
            f"{PAGE}/undo",
            data={**form, "csrf": browser.token},
            headers={"sec-fetch-site": "cross-site"},
        ),
    ]
    assert [asyncio.run(one).status_code for one in sent] == [403, 403, 403]
    browser.get(f"{PAGE}/undo", params={**form, "csrf": browser.token})
    assert run_operation(built, OWNER, "holdings.list", {}).total == 1
