"""Pages of watchlists: every form works without a script, and what was done can be taken back."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.houses import Browser, house, person
from vigie.services.operation_calls import run_operation


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


@pytest.fixture
def browser(built):
    for one in built.accounts.watchlists("owner"):
        built.accounts.delete_watchlist("owner", one.id)
    return Browser(built)


def assets(built):
    return run_operation(built, person(), "watchlists.read", {}).assets


def made(browser, name="Majors", words="BTC, eth"):
    return browser.post("/watchlists", {"name": name, "assets": words}, follow=False).headers["location"]


def typed(text, name):
    return re.search(rf'id="f-{name}"[^>]*value="([^"]*)"', text)[1]


def hidden(text, name):
    return re.search(rf'name="{name}" value="([^"]*)"', text)[1]


def test_new_list_is_opened_with_prices_and_is_what_today_shows(browser, built):
    page = browser.get(made(browser, words="SOL"))
    assert page.status_code == 200
    assert "<h1>Majors</h1>" in page.text
    today = browser.get("/").text
    assert "Solana" in today
    assert "/asset/ethereum" not in today.split('id="watch"')[1].split("</table>")[0]


def test_mistake_is_shown_beside_the_form(browser):
    answer = browser.post("/watchlists", {"name": "", "assets": ""})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("language", "told"), [("en", "no asset is called"), ("fr", "aucun actif ne s’appelle")]
)
def test_mistyped_ticker_is_named_with_near_ones_and_what_was_typed_stays(built, language, told):
    words = "BTC, etherum, NOSUCHCOIN"
    answer = Browser(built, language=language).post("/watchlists", {"name": "Mine", "assets": words})
    assert answer.status_code == 400
    assert [typed(answer.text, name) for name in ("name", "assets")] == ["Mine", words]
    alert = unescape(answer.text.split('role="alert"')[1].split("</div>")[0])
    assert told in alert
    assert "'etherum', 'NOSUCHCOIN'" in alert
    assert "ETH (Ethereum)" in alert
    assert 'href="#f-assets"' in alert
    assert run_operation(built, person(), "watchlists.list", {}).rows == []


def test_mistyped_ticker_beside_a_list_stays_in_its_field(browser, built):
    path = made(browser)
    page = browser.get(path).text
    which = {"watchlist": hidden(page, "watchlist"), "revision": hidden(page, "revision")}
    answer = browser.post("/watchlists/change", {**which, "add": "solanna"})
    assert answer.status_code == 400
    assert typed(answer.text, "add") == "solanna"
    assert "SOL (Solana)" in answer.text
    assert assets(built) == ["bitcoin", "ethereum"]


def test_assets_are_added_moved_and_removed_and_each_step_is_undone(browser, built):
    path = made(browser)
    page = browser.get(path).text
    which = {"watchlist": hidden(page, "watchlist"), "revision": hidden(page, "revision")}
    answer = browser.post("/watchlists/change", {**which, "add": "SOL"})
    assert assets(built) == ["bitcoin", "ethereum", "solana"]
    assert "data-undo" in answer.text
    which["revision"] = hidden(answer.text, "revision")
    answer = browser.post("/watchlists/change", {**which, "up": "solana"})
    assert assets(built) == ["bitcoin", "solana", "ethereum"]
    back = {name: hidden(answer.text, name) for name in ("watchlist", "revision", "assets")}
    browser.post("/watchlists/change", back)
    assert assets(built) == ["bitcoin", "ethereum", "solana"]


def test_second_tab_is_told_and_overwrites_nothing(browser, built):
    page = browser.get(made(browser)).text
    which = {"watchlist": hidden(page, "watchlist"), "revision": hidden(page, "revision")}
    browser.post("/watchlists/change", {**which, "name": "First tab"})
    answer = browser.post("/watchlists/change", {**which, "name": "Second tab"})
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert "<h1>First tab</h1>" in answer.text


def test_unknown_asset_is_a_slip_beside_the_field(browser):
    page = browser.get(made(browser)).text
    answer = browser.post(
        "/watchlists/change", {"watchlist": hidden(page, "watchlist"), "add": "<script>alert(1)</script>"}
    )
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text


def test_deleted_list_comes_back_by_its_button(browser, built):
    path = made(browser)
    answer = browser.post("/watchlists/delete", {"watchlist": path.split("/")[-1]}, follow=False)
    assert browser.get(path).status_code == 404
    kept = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert "data-undo" in browser.get(answer.headers["location"]).text
    browser.post("/watchlists/restore", kept)
    assert assets(built) == ["bitcoin", "ethereum"]
    assert browser.get(path).status_code == 200


def test_file_is_shown_before_it_changes_anything(browser, built):
    made(browser)
    text = "list,asset\nMajors,SOL\nOther,BTC\nOther,nope\n"
    shown = browser.post("/watchlists/import", {"text": text})
    assert "could not be read" in shown.text
    assert assets(built) == ["bitcoin", "ethereum"]
    browser.post("/watchlists/import", {"text": text, "sure": "1"})
    assert assets(built) == ["solana"]
    again = browser.post("/watchlists/import", {"text": text})
    assert "Nothing: your lists already match the file" in again.text


@pytest.mark.parametrize(
    "content",
    [b"list,asset\nMajors,SOL\n", b"\xef\xbb\xbflist;asset\r\nMajors;SOL\r\n"],
    ids=["commas", "spreadsheet"],
)
def test_a_file_is_chosen_seen_and_read_in(browser, built, content):
    made(browser)
    page = browser.get("/watchlists").text
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file"' in page
    shown = browser.post(
        "/watchlists/import", {"text": ""}, files={"file": ("../../x.csv", content, "text/csv")}
    )
    assert "What this file changes" in shown.text
    assert assets(built) == ["bitcoin", "ethereum"]
    browser.post("/watchlists/import", {"text": unescape(hidden(shown.text, "text")), "sure": "1"})
    assert assets(built) == ["solana"]


@pytest.mark.parametrize(
    ("field", "content", "told"),
    [
        ("file", b"PK\x03\x04\x00\x00", "the file is no text"),
        ("file", "liste,\u00e9".encode("utf-16-le"), "the file is no text"),
        ("file", b"a,b\n" * 60_000, "at most 200000 bytes"),
        ("other", b"list,asset\nMajors,SOL\n", "files are not taken here"),
    ],
    ids=["workbook", "utf-16 that does not say so", "too long", "another field"],
)
def test_a_file_that_is_no_short_text_changes_nothing_and_says_why(browser, built, field, content, told):
    made(browser)
    answer = browser.post("/watchlists/import", {"text": "", "sure": "1"}, files={field: ("a.csv", content)})
    assert answer.status_code == 400
    assert told in answer.text
    assert assets(built) == ["bitcoin", "ethereum"]


def test_a_refused_file_leaves_what_was_pasted_beside_it(browser):
    pasted = {"text": "Majors,SOL"}
    answer = browser.post("/watchlists/import", pasted, files={"file": ("a.csv", b"PK\x03\x04\x00")})
    assert answer.status_code == 400
    assert ">Majors,SOL</textarea>" in answer.text
    assert 'href="#f-file"' in answer.text.split('role="alert"')[1].split("</div>")[0]


def test_a_form_that_takes_no_file_refuses_one(browser):
    answer = browser.post("/watchlists", {"name": "x"}, files={"file": ("a.csv", b"a,b")})
    assert answer.status_code == 400


def test_link_shows_the_list_to_whoever_has_it_and_nothing_else_of_it(browser, built):
    path = made(browser)
    page = browser.post("/watchlists/share", {"watchlist": path.split("/")[-1]}).text
    there = re.search(r'href="(/shared/[\w-]+)"', page)[1]
    stranger = Browser(built, is_owner=False)
    seen = stranger.get(there)
    assert seen.status_code == 200
    assert "Bitcoin" in seen.text
    assert path not in seen.text
    assert 'action="/watchlists' not in seen.text
    browser.post("/watchlists/share", {"watchlist": path.split("/")[-1], "stop": "1"})
    assert stranger.get(there).status_code == 404


def test_shared_list_is_copied(browser, built):
    path = made(browser)
    followed = {"entity": "org:sec", "watchlist": path.split("/")[-1]}
    run_operation(built, person(), "entities.follow", followed)
    browser.post("/watchlists/share", {"watchlist": path.split("/")[-1]})
    word = built.accounts.watchlists("owner")[0].share
    copied = browser.post("/watchlists/copy", {"share": word}, follow=False).headers["location"]
    assert copied != path
    assert [one.entities for one in built.accounts.watchlists("owner")] == [("org:sec",), ("org:sec",)]


def test_a_file_that_was_read_in_is_taken_back_whole(browser, built):
    path = made(browser)
    followed = {"entity": "org:sec", "watchlist": path.split("/")[-1]}
    run_operation(built, person(), "entities.follow", followed)
    lists = {one.name: (one.assets, one.entities) for one in built.accounts.watchlists("owner")}
    text = "list,asset\nMajors,SOL\nMajors,org:esma\nOther,BTC\n"
    answer = browser.post("/watchlists/import", {"text": text, "sure": "1"})
    assert assets(built) == ["solana"]
    assert len(built.accounts.watchlists("owner")) == 2
    browser.post("/watchlists/import/undo", {"was": hidden(answer.text, "was")})
    now = built.accounts.watchlists("owner")
    assert {one.name: (one.assets, one.entities) for one in now} == lists


def test_a_list_that_changed_after_the_file_is_not_written_over(browser, built):
    path = made(browser)
    answer = browser.post("/watchlists/import", {"text": "list,asset\nMajors,SOL\nOther,BTC\n", "sure": "1"})
    browser.post("/watchlists/change", {"watchlist": path.split("/")[-1], "add": "ETH"})
    refused = browser.post("/watchlists/import/undo", {"was": hidden(answer.text, "was")})
    assert refused.status_code == 409
    assert assets(built) == ["solana", "ethereum"]
    assert len(built.accounts.watchlists("owner")) == 2


def test_lists_go_back_to_their_order_by_the_button(browser, built):
    made(browser)
    browser.post("/watchlists", {"name": "Second"})
    names = [one.name for one in built.accounts.watchlists("owner")]
    second = built.accounts.watchlists("owner")[1].id
    page = browser.post("/watchlists/move", {"watchlist": second, "to": "up"}).text
    assert [one.name for one in built.accounts.watchlists("owner")] == names[::-1]
    notice = page.partition("data-undo")[2]
    browser.post("/watchlists/move", {"watchlist": hidden(notice, "watchlist"), "to": hidden(notice, "to")})
    assert [one.name for one in built.accounts.watchlists("owner")] == names


def test_an_asset_is_followed_from_its_own_page_and_left_again(tmp_path):
    browser = Browser(house(tmp_path / "home"))
    assert 'name="to" value="on"' in browser.get("/asset/solana").text
    answer = browser.post("/watchlists/follow", {"asset": "solana", "to": "on"})
    assert answer.url.path == "/asset/solana"
    assert "Followed" in answer.text
    rows = browser.call("watchlists.list").json()["rows"]
    assert len(rows) == 1, "who has no list gets one"
    browser.post("/watchlists/follow", {"asset": "Bitcoin", "to": "on"})
    assert browser.call("watchlists.read").json()["assets"] == ["solana", "bitcoin"]
    browser.post("/watchlists/follow", {"asset": "solana", "to": "off"})
    assert browser.call("watchlists.read").json()["assets"] == ["bitcoin"]
    assert browser.post("/watchlists/follow", {"asset": "nothing-like-it"}).status_code == 404
    assert "/watchlists/follow" not in browser.get("/asset/bitcoin?as_of=1756000000000").text
    assert (
        "/watchlists/follow"
        not in Browser(browser.app.state.web.app_context, is_owner=False).get("/asset/bitcoin").text
    )
