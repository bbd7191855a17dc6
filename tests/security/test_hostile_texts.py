"""Hostile texts: saved everywhere a text can be saved and shown escaped; tried in every field and leading nowhere.

Scripts (XSS), SQL, paths, formulas, control characters. The registry drives the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.security.people import Town, town
from vigie.domain.quote import Quote
from vigie.ports.boards import StoredBoard
from vigie.ports.quotes import SourceHealth
from vigie.services.operation import Operation, operations
from vigie.services.written_text import without_acting
from vigie.views.api import routes
from vigie.views.web.page import pages

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
HOSTILE = (
    SCRIPT, "' OR '1'='1", "'; DROP TABLE users; --", "1 UNION SELECT password_hash FROM users", "\\", "%", "_",
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "file:///etc/passwd", "secrets/web.key",
    "%2e%2e%2fsecrets%2fweb.key", "=cmd|' /C calc'!A0", "${jndi:ldap://x}", "{{7*7}}", "{% raw %}", "\u202egnp.exe",
    "\x00", "\r\nSet-Cookie: x=1", "A" * 5_000, "\U0001f600" * 50, "-1", "1e309", "NaN", "9" * 40,
)  # fmt: skip
FEW = (SCRIPT, "\x00", "A" * 5_000)
# Long work is begun by these; what they take is looked at before.
HEAVY = {"jobs.import"}
# Their fields are read by the same types: words, numbers as text, times, names of coins and places.
LATER_AREAS = ("holdings.", "notifications.", "outside.", "plans.", "plugins.", "setups.", "valuation.")


class Finder(HTMLParser):
    """Finds what a hostile text would have become, had it not been escaped."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "script" and not (names.get("src") or "").startswith(("/static/", "/texts/")):
            self.found.append(f"<script {names}>")
        if tag == "img" and names.get("src") == "x":
            self.found.append("<img src=x>")
        self.found += [f"{tag} {name}" for name in names if name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            if re.match(r"\s*(javascript|data|vbscript):", names.get(name) or "", re.I):
                self.found.append(f"{tag} {name}={names[name]}")


def assert_harmless(text: str, where: str) -> None:
    finder = Finder()
    finder.feed(text)
    assert finder.found == [], where
    assert "<script>alert" not in text, where
    assert "onerror=alert(1)>49" not in text, where


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Town]:
    made = town(tmp_path_factory.mktemp("home"), with_bars=True)

    async def here(work: Callable[..., Any], *values: Any) -> Any:
        return work(*values)

    with pytest.MonkeyPatch.context() as patch:
        # Who asks alone need not be handed to another thread and back.
        patch.setattr(routes, "run_in_threadpool", here)
        yield made
    # A chain that broke anywhere stays broken: reading all of it after each field would be most of the work.
    assert made.house.audit.verify() > 0


def texts_of(declared: Operation) -> list[str]:
    """Return the fields of an operation that take text, alone or in lists."""
    found = []
    for name, described in declared.input_type.model_json_schema().get("properties", {}).items():
        kinds = [described, *described.get("anyOf", ())]
        if any(one.get("type") == "string" or one.get("items", {}).get("type") == "string" for one in kinds):
            found.append(name)
    return found


def is_one_of(declared: Operation, name: str) -> bool:
    """Tell whether a field takes words of a list alone."""
    described = declared.input_type.model_json_schema()["properties"][name]
    kinds = [one.get("items", one) for one in described.get("anyOf", [described])]
    return all("enum" in one or "const" in one or one.get("type") == "null" for one in kinds)


def is_list(declared: Operation, name: str) -> bool:
    described = declared.input_type.model_json_schema()["properties"][name]
    return any(one.get("type") == "array" for one in [described, *described.get("anyOf", ())])


def cases_of(declared: Operation) -> list[Any]:
    """Return a case for each field; of an operation of a later area one is tried here, the others in `make chaos`."""
    texts = texts_of(declared)
    few = texts[:1] if declared.name.startswith(LATER_AREAS) else texts
    return [
        pytest.param(
            declared, name, id=f"{declared.name}.{name}", marks=() if name in few else pytest.mark.chaos
        )
        for name in texts
    ]


TEXTS = [case for one in operations().values() if one.name not in HEAVY for case in cases_of(one)]


@pytest.mark.parametrize(("declared", "name"), TEXTS)
def test_hostile_text_in_any_field_is_refused_or_taken_as_text(place, declared, name):
    admin = place.browser(place.admin)
    key = Path(str(place.house.home)) / "secrets"
    people = len(place.house.accounts.users())
    takes_list = is_list(declared, name)
    # What is on no list is refused before anybody reads it, whatever it is.
    texts = FEW if is_one_of(declared, name) else HOSTILE
    asked = [{**declared.example, name: [text] if takes_list else text} for text in texts]
    if declared.is_change and declared.name.startswith(("accounts.end", "accounts.delete")):
        for values in asked:
            values.pop("current", None)
    for text, answer in zip(texts, admin.ask_each(declared, asked), strict=True):
        assert answer.status_code < 500, (text[:60], answer.text[:300])
        assert texts is HOSTILE or answer.status_code == 422, (text[:60], answer.text[:300])
        assert "set-cookie" not in answer.headers or "x=1" not in answer.headers["set-cookie"]
        for leak in ("root:x:0", "argon2id", "sqlite3", "Traceback", str(key)):
            assert leak not in answer.text, (text[:60], leak)
        assert "html" not in answer.headers.get("content-type", "")
    assert len(place.house.accounts.users()) >= people


def test_half_a_character_is_refused_and_stored_nowhere(place):
    admin = place.browser(place.admin)
    for declared in (operations()["watchlists.create"], operations()["users.add"]):
        path = f"/api/v1/{declared.name.replace('.', '/')}"
        headers = {"x-csrf-token": admin.csrf, "content-type": "application/json"}
        answer = admin.send("POST", path, content=b'{"name": "a\\ud800b"}', headers=headers)
        assert answer.status_code in (400, 422), answer.text


def fill(place: Town) -> None:
    """Save the hostile text everywhere a text can be saved, by people and by feeds."""
    admin = place.browser(place.admin)
    house = place.house
    short = SCRIPT[:60]
    admin.ask(operations()["watchlists.create"], {"name": short, "assets": ["bitcoin"]})
    made = house.accounts.watchlists(place.admin.id)[-1]
    assert made.name == short
    admin.ask(operations()["watchlists.share"], {"watchlist": made.id})
    admin.ask(operations()["accounts.token_create"], {"name": short, "scopes": ["read"]})
    admin.ask(operations()["users.add"], {"name": short, "role": "viewer"})
    part = {
        "kind": "chart",
        "assets": "bitcoin",
        "title": SCRIPT,
        "notes": [{"at": "2025-06-01", "text": short}],
    }
    plan = {"title": SCRIPT, "subtitle": SCRIPT, "note": SCRIPT, "alt": SCRIPT, "parts": [part]}
    house.accounts.put_board(StoredBoard("", place.admin.id, plan))
    house.accounts.put_settings(
        place.admin.id, {"zone": SCRIPT, "persona": SCRIPT, "theme": SCRIPT, "language": SCRIPT}
    )
    house.audit.append(
        "account.sign_in", actor=place.admin.id, subject=SCRIPT, text={"address": SCRIPT, "x": SCRIPT}
    )
    house.jobs.put(SCRIPT, {"title": SCRIPT}, owner=place.admin.id)
    house.quotes.put_health([SourceHealth(SCRIPT, "failing", error=SCRIPT)])
    row = {"id": SCRIPT, "symbol": SCRIPT, "name": SCRIPT, "market_cap": 1e12, "current_price": 1.0}
    row |= {
        "ts_created": 0,
        "ts_first_seen": 0,
        "network": SCRIPT,
        "url": "javascript:alert(1)",
        "country": SCRIPT,
    }
    known = {
        "id": "bitcoin",
        "symbol": "btc",
        "name": SCRIPT,
        "image": "javascript:alert(1)",
        "market_cap": 1e12,
    }
    now = house.clock.wall_now()
    for key in ("markets", "trending", "categories", "exchanges", "new_pools", "coin_list_new"):
        house.facts.put_document("coingecko", key, now, {"rows": [row, {**row, **known}]})
    house.quotes.put([_quote(now)])
    logs = Path(str(house.home)) / "logs"
    logs.mkdir(exist_ok=True)
    (logs / "web.log").write_text(f"{SCRIPT} http://127.0.0.1/link/secret-word\n", "utf-8")


def _quote(now: int) -> Quote:
    from dataclasses import MISSING, fields

    values: dict[str, Any] = {}
    for one in fields(Quote):
        if one.default is MISSING and one.default_factory is MISSING:
            values[one.name] = now if "ts" in one.name else 1.0 if "float" in str(one.type) else SCRIPT
    return Quote(**values)


def test_what_was_saved_is_shown_escaped_on_every_page_in_both_languages(place):
    fill(place)
    admin = place.browser(place.admin)
    seen = 0
    lists = place.house.accounts.watchlists(place.admin.id)
    job = place.house.jobs.list(owner=place.admin.id)[0].id
    more = [f"/watchlists/{one.id}" for one in lists] + [f"/shared/{one.share}" for one in lists if one.share]
    boards = place.house.accounts.boards(place.admin.id)
    more += [f"/studio/{one.id}" for one in boards]
    more += [f"/admin?tab={tab}" for tab in ("users", "tokens", "records", "logs")]
    more += [f"/jobs/{job}", "/asset/bitcoin", "/palette?q=script", "/settings?saved=%3Cscript%3E"]
    for path in [page.path for page in pages().values() if "{" not in page.path] + more:
        for language in ("en", "fr"):
            answer = admin.get(path + ("&" if "?" in path else "?") + f"lang={language}")
            assert answer.status_code < 500, path
            if "html" in answer.headers.get("content-type", ""):
                assert_harmless(answer.text, path)
                seen += "&lt;script&gt;" in answer.text
    assert seen >= 10, "the hostile text must have been on pages, else nothing was tried"
    place.house.accounts.put_settings(
        place.admin.id, {"zone": None, "persona": None, "theme": None, "language": None}
    )


def test_hostile_query_is_shown_escaped_on_every_page(place):
    admin = place.browser(place.admin)
    names = (
        "sort q kind actor search log tab step next notice done deleted name assets was lang as_of saved form"
    )
    query = "&".join(f"{name}={quote(SCRIPT)}" for name in names.split())
    for page in pages().values():
        answer = admin.get(f"{page.path.replace('{', '').replace('}', '')}?{query}")
        assert answer.status_code < 500, page.path
        if "html" in answer.headers.get("content-type", ""):
            assert_harmless(answer.text, page.path)


def test_hostile_cookie_and_headers_do_nothing(place):
    admin = place.browser(place.admin)
    for text in (SCRIPT, "language=" + quote(SCRIPT) + "&zone=../../etc/passwd", "\xff" * 100, "a" * 4_000):
        admin.cookies["vigie_look"] = quote(text, safe="=&")
        answer = admin.get("/settings", headers={"accept-language": "x;q=1", "referer": "javascript:1"})
        assert answer.status_code == 200
        assert_harmless(answer.text, "/settings")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/%2e%2e/app.py", "/static//etc/passwd",
        "/static/....//app.py", "/chart/../../secrets/web.key.svg", "/asset/..%2f..%2fetc%2fpasswd",
        "/shared/..%2f..%2fsecrets", "/link/..%2fweb.key", "/api/v1/../../secrets/web.key", "/watchlists/%00",
    ],
)  # fmt: skip
def test_path_that_climbs_finds_nothing(place, path):
    answer = place.browser(place.admin).get(path)
    assert answer.status_code in (303, 400, 401, 404, 410, 422)
    assert "root:x:0" not in answer.text
    assert "import" not in answer.text.replace("important", "").split("<main")[0][:200]


def test_log_viewer_masks_secrets(place):
    fill(place)
    admin = place.browser(place.admin)
    text = admin.get("/admin?tab=logs").text
    assert "secret-word" not in text
    assert "/link/***" in text
    assert "secret-word" not in admin.get("/api/v1/logs/read.csv?search=secret-word").text


def test_export_of_hostile_names_runs_no_formula(place):
    admin = place.browser(place.admin)
    admin.ask(operations()["watchlists.create"], {"name": "=HYPERLINK(1)", "assets": ["bitcoin"]})
    text = admin.get("/api/v1/watchlists/export.csv").text
    assert "\n=HYPERLINK" not in text
    assert "'=HYPERLINK(1)" in text


TURNED = "Mine \N{RIGHT-TO-LEFT OVERRIDE}txt.exe"


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        ("watchlists.create", {"name": TURNED, "assets": []}),
        ("watchlists.change", {"watchlist": "w1", "name": TURNED}),
        ("alerts.put", {"name": TURNED, "kind": "price", "where": ["price>1"], "assets": ["bitcoin"]}),
        ("screens.save", {"name": TURNED, "where": "price>1"}),
        ("news.save_search", {"name": TURNED}),
        ("trading.begin_paper", {"name": TURNED}),
        ("journal.write", {"trade": "t0123456789abcde", "source": TURNED}),
        ("studio.save_style", {"name": TURNED}),
        ("own_feeds.put", {"url": "https://example.com/feed.xml", "title": TURNED}),
        ("accounts.token_create", {"name": TURNED, "scopes": ["read"]}),
        ("backtests.start", {"title": TURNED}),
        ("users.add", {"name": TURNED, "role": "viewer"}),
    ],
)
def test_a_name_that_turns_what_stands_beside_it_is_refused(place, operation, values):
    answer = place.browser(place.admin).ask(operations()[operation], values)
    assert answer.status_code in (400, 422)
    told = answer.json()["detail"]
    assert re.match("(name|source|title): must be a|a name must have visible", told)


def test_a_file_of_watchlists_leaves_out_what_turns_names():
    assert without_acting(TURNED) == "Mine txt.exe"
