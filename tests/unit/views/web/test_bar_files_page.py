"""Files of bars on the page: sent, shown as they are understood, said otherwise, confirmed; without scripts."""

from __future__ import annotations

import gzip
import re

import pytest

from tests import houses
from vigie.data.intake import text as texts
from vigie.services.running.work import Report, imports

BROKER = "Date;Ouverture;Haut;Bas;Clôture\n01/02/2024 00:00;1,5;2;1;1\n01/02/2024 01:00;1;2;1;1,5\n"
SAID = {
    "venue": "other-spot", "map": "open=Ouverture,high=Haut,low=Bas,close=Clôture", "tz": "UTC+1",
    "date_format": "DD/MM/YYYY HH:mm", "decimal": ",", "stamp": "close", "no_volume": "1",
}  # fmt: skip


@pytest.fixture
def house(tmp_path):
    return houses.house(tmp_path / "home", with_bars=False)


def sent(browser: houses.Browser, text: str = BROKER, **fields: str):
    given = {"symbol": "BTCUSD", "timeframe": "1h", **fields}
    return browser.post("/jobs/files/send", given, files={"file": ("a.csv", text.encode(), "text/csv")})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Import now", "Volume unknown")),
        ("fr", ("Importer", "Volume inconnu")),
    ],
)
def test_a_file_is_sent_shown_and_imported_when_confirmed(house, language, words):
    browser = houses.Browser(house, language=language)
    assert "/jobs/files" in browser.get("/jobs").text
    page = sent(browser)
    assert (page.status_code, page.url.path) == (200, "/jobs/files")
    assert page.url.params["files"] == "BTCUSD-1h.csv"
    shown = browser.get("/jobs/files", params={"files": "BTCUSD-1h.csv", **SAID})
    rows = [re.sub(r"<[^>]*>", " ", row).split() for row in re.findall(r"<tr>(.*?)</tr>", shown.text)]
    assert rows[1][:7] == ["2", "2024-01-31", "22:00:00", "1.5", "2.0", "1.0", "1.0"]
    assert all(word in shown.text for word in words)
    assert house.jobs.list() == []
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown.text.split("/jobs/import")[1])
    )
    confirmed = browser.post("/jobs/import", {name: hidden[name] for name in ("files", *SAID)})
    assert confirmed.url.path.startswith("/jobs/j")
    (job,) = house.jobs.list()
    order = imports.ImportOrder(**job.ask)
    answer = imports.run(order, Report(job.id, job.owner, lambda *_said: None), house.data, house.home)
    assert answer["added"] == 2
    (series,) = house.data.bars.series()
    bars = house.data.bars.read(series)
    assert bars["volume"].is_nan().all()
    assert bars["open"].to_list() == [1.5, 1.0]


def test_what_cannot_be_read_is_shown_with_line_and_forms_in_the_readers_language(house):
    browser = houses.Browser(house, language="fr")
    sent(browser)
    said = {**SAID, "date_format": ""}
    page = browser.get("/jobs/files", params={"files": "BTCUSD-1h.csv", **said}).text
    assert "ligne 2" in page
    assert "n’est pas une heure" in page
    assert "2024-02-13T09:00:00+01:00" in page
    assert "/jobs/import" not in page
    assert str(house.home) not in page
    wrong = browser.get("/jobs/files", params={**SAID, "tz": "Nowhere"}).text
    assert "--tz doit être un fuseau" in wrong


def test_a_file_that_is_no_text_or_names_nothing_is_refused_beside_the_form(house):
    browser = houses.Browser(house)
    refused = sent(browser, "\0")
    assert refused.status_code == 400
    assert "the file is no text" in refused.text
    assert sent(browser, symbol="../../x").status_code == 400
    assert not list((house.data.bars.root.parent).glob("inbox/*"))


def test_sending_the_same_file_again_keeps_one_and_another_gets_its_own_name(house):
    browser = houses.Browser(house)
    names = [sent(browser, text).url.params["files"] for text in (BROKER, BROKER, BROKER + "\n")]
    assert names == ["BTCUSD-1h.csv", "BTCUSD-1h.csv", "BTCUSD-1h (2).csv"]


def test_who_is_no_admin_neither_sees_nor_sends_files(house):
    reader = houses.Browser(house, is_owner=False)
    assert reader.get("/jobs/files").status_code == 403
    assert "/jobs/files" not in reader.get("/jobs").text
    assert sent(reader).status_code == 403
    assert reader.post("/jobs/import", SAID).status_code == 403


@pytest.mark.parametrize("when", ["-100000000000000", "+33658-01-01 00:00", "-0005-01-01 00:00"])
def test_a_time_that_no_calendar_has_is_told_and_the_page_stays(house, when):
    browser = houses.Browser(house)
    sent(browser, f"time,open,high,low,close,volume\n{when},1,2,0.5,1,3\n")
    page = browser.get("/jobs/files", params={"files": "BTCUSD-1h.csv", "venue": "other-spot"})
    assert page.status_code == 200
    assert "line 2" in page.text
    assert "is not valid" in page.text


def test_a_preview_unpacks_no_more_than_the_first_lines(house, monkeypatch):
    inbox = house.home / "inbox"
    inbox.mkdir(exist_ok=True)
    with gzip.open(inbox / "BTCUSD-1m.csv.gz", "wb") as file:
        file.write(BROKER.encode())
        file.write(b"\n" * 1_000_000)

    def refused(path):
        raise AssertionError(f"{path} was unpacked whole")

    monkeypatch.setattr(texts, "unpack", refused)
    page = houses.Browser(house).get("/jobs/files?venue=binance-perp")
    assert page.status_code == 200
    assert "BTCUSD-1m.csv.gz" in page.text
