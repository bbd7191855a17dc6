"""Mailboxes of newsletters added by form, API and command: what is refused, and that no password is ever shown."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tests.houses import Browser, fill, house, person
from vigie.domain.errors import Forbidden
from vigie.domain.person import VISITOR
from vigie.services.operation_calls import run_operation
from vigie.views.cli.main import app
from vigie.wiring.collector import open_collector

WORD = "hunter2-of-a-test"
GIVEN = {"host": "imap.example.org", "port": "993", "user": "desk@example.org", "folder": "Actualités"}


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False)


@pytest.fixture
def browser(built):
    return Browser(built)


def held(built):
    return {one.id: one for one in run_operation(built, person(), "own_feeds.list", {}).feeds}


def connectors(built, monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    made = open_collector(built.directory.feeds.folder.parent, report=lambda _: None).added_connectors() or ()
    return {one.id: one for one in made}


def test_a_mailbox_is_added_changed_tried_and_removed_by_forms(built, browser, monkeypatch):
    shown = browser.get("/sources/feeds").text
    assert "Add a newsletter mailbox" in shown
    assert 'type="password"' not in shown
    told = browser.post("/sources/feeds/mailbox", {**GIVEN, "title": "My letters", "language": "fr"})
    assert "Mailbox added. It is read once you set its" in told.text
    assert "add VIGIE_MAIL_MY_LETTERS_KEY=… to .env" in told.text
    one = held(built)["my_letters"]
    assert (one.kind, one.url, one.language, one.fault) == ("mailbox", "", "fr", "")
    assert one.reads == GIVEN
    (note,) = [each for each in built.directory.notes() if each.source == "my_letters"]
    assert (note.address, note.secrets) == ("imaps://imap.example.org", ("VIGIE_MAIL_MY_LETTERS_KEY",))

    (lacking,) = connectors(built, monkeypatch).values()
    assert "a key is required: write VIGIE_MAIL_MY_LETTERS_KEY=" in lacking.off
    assert connectors(built, monkeypatch, VIGIE_MAIL_MY_LETTERS_KEY=WORD)["my_letters/feed"].off == ""

    assert 'value="Actualités"' in browser.get("/sources/feeds?feed=my_letters").text
    changed = {
        **GIVEN,
        "feed": "my_letters",
        "folder": "INBOX",
        "secret": "VIGIE_MAIL_DESK_KEY",
        "title": "Mine",
    }
    assert "Source updated" in browser.post("/sources/feeds/mailbox", changed).text
    kept = held(built)["my_letters"]
    assert (kept.secret, kept.reads["folder"], kept.title) == ("VIGIE_MAIL_DESK_KEY", "INBOX", "Mine")
    assert "VIGIE_MAIL_DESK_KEY" in connectors(built, monkeypatch)["my_letters/feed"].off

    tried = browser.post("/sources/feeds/switch", {"feed": "my_letters", "to": "test"})
    assert (tried.status_code, tried.url.path) == (200, "/sources/my_letters")
    assert built.quotes.requests() == {"my_letters": "now"}
    browser.post("/sources/feeds/switch", {"feed": "my_letters", "to": "remove"})
    assert held(built) == {}


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"host": "127.0.0.1"}, "public internet"),
        ({"host": "192.168.1.7"}, "public internet"),
        ({"host": "[::1]"}, "must look like imap.example.org"),
        ({"host": "localhost"}, "public internet"),
        ({"host": "metadata.internal"}, "public internet"),
        ({"host": "https://imap.example.org/"}, "must look like imap.example.org"),
        ({"user": "me\r\nx LOGOUT"}, "must be one line"),
        ({"folder": "a\tb"}, "must be one line"),
        ({"port": "70000"}, "65535"),
        ({"port": ""}, "must be a whole number"),
        ({"secret": "VIGIE_BITGET_SECRET"}, "never the password itself"),
        ({"secret": "DATABASE_URL"}, "never the password itself"),
        ({"feed": "../../x"}, "that starts with a letter: a-z, 0-9"),
    ],
)
def test_what_cannot_be_a_mailbox_is_refused_beside_what_was_given(built, browser, form, why):
    answer = browser.post("/sources/feeds/mailbox", {**GIVEN, **form})
    assert answer.status_code == 400
    assert why in answer.text
    assert 'value="desk@example.org"' in answer.text or "user" in form
    assert held(built) == {}


def test_a_password_that_was_written_into_the_form_is_refused_and_shown_nowhere(built, browser, caplog):
    answer = browser.post("/sources/feeds/mailbox", {**GIVEN, "secret": WORD})
    assert answer.status_code == 400
    assert WORD not in answer.text
    order = browser.order("own_feeds.put_mailbox", host="imap.example.org", user="me", secret=WORD)
    assert order.status_code == 422
    assert WORD not in order.text
    assert WORD not in caplog.text
    home = built.directory.feeds.folder.parent
    assert not [path for path in home.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]


def test_no_page_export_or_bundle_shows_the_password_and_only_who_administers_sees_the_user(
    built, browser, monkeypatch
):
    monkeypatch.setenv("VIGIE_MAIL_IMAP_EXAMPLE_ORG_KEY", WORD)
    browser.post("/sources/feeds/mailbox", GIVEN)
    assert set(held(built)) == {"imap_example_org"}
    opened = house(built.directory.feeds.folder.parent)
    for path in (
        "/sources", "/sources/feeds", "/sources/feeds?feed=imap_example_org", "/sources/imap_example_org", "/settings",
        "/sources/feeds/list.opml", "/api/v1/own_feeds/list", "/api/v1/sources/list", "/help",
    ):  # fmt: skip
        assert WORD not in Browser(opened).get(path).text, path
        assert GIVEN["user"] not in Browser(opened, is_owner=False).get(path).text, path
    assert WORD in opened.hidden()
    assert WORD not in json.dumps(opened.settings())
    assert GIVEN["user"] not in run_operation(opened, VISITOR, "own_feeds.list", {}).model_dump_json()
    assert "imap.example.org" not in run_operation(opened, person(), "own_feeds.opml", {}).text


def test_two_folders_of_one_mailbox_are_two_sources_and_one_folder_is_one(built, browser):
    browser.post("/sources/feeds/mailbox", GIVEN)
    again = browser.post("/sources/feeds/mailbox", {**GIVEN, "host": "IMAP.example.org"})
    assert again.status_code == 400
    assert "is already one of your sources" in again.text
    browser.post("/sources/feeds/mailbox", {**GIVEN, "folder": "Others"})
    assert len(held(built)) == 2


def test_only_who_administers_adds_a_mailbox_and_a_feed_is_none(built, browser):
    with pytest.raises(Forbidden):
        run_operation(built, VISITOR, "own_feeds.put_mailbox", {"host": "imap.example.org", "user": "me"})
    browser.post("/sources/feeds", {"url": "https://www.office.example/feed.xml", "title": "Office"})
    answer = browser.post("/sources/feeds/mailbox", {**GIVEN, "feed": "office"})
    assert "office is not a mailbox" in answer.text
    assert held(built)["office"].kind == "feed"


def test_files_written_by_hand_are_held_to_the_same(built):
    folder = built.directory.feeds.folder
    folder.mkdir(exist_ok=True)
    head = 'title = "x"\nurl = ""\nkind = "mailbox"\n[reads]\nuser = "me"\n'
    (folder / "inner.toml").write_text(head + 'host = "127.0.0.1"\n')
    (folder / "other.toml").write_text(head + 'host = "imap.example.org"\nsecret = "VIGIE_BITGET_SECRET"\n')
    (folder / "fine.toml").write_text(head + 'host = "imap.example.org"\n')
    faults = {name: one.fault for name, one in held(built).items()}
    assert "public internet" in faults["inner"]
    assert "VIGIE_MAIL_NAME_KEY" in faults["other"]
    assert faults["fine"] == ""


def test_all_is_said_in_french_too(built):
    browser = Browser(built, language="fr")
    shown = browser.post("/sources/feeds/mailbox", {**GIVEN, "host": "127.0.0.1"}).text
    assert "Ajouter une boîte de newsletters" in shown
    assert "l’adresse doit mener à l’internet public" in shown
    assert (
        "jamais le mot de passe lui-même"
        in browser.post("/sources/feeds/mailbox", {**GIVEN, "secret": WORD}).text
    )


def test_the_command_adds_one_and_names_its_variable(tmp_path):
    home = fill(tmp_path / "home", with_bars=False)
    given = ["source", "mailbox", "imap.example.org", "--user", "me", "--title", "Desk", "--home", str(home)]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0
    assert "desk" in done.output
    assert "VIGIE_MAIL_DESK_KEY" in done.output
    assert (home / "feeds" / "desk.toml").is_file()
