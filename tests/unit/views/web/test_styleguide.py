"""The design system on its page: every token of colour, space and type, and the components."""

import re
from pathlib import Path

from tests.houses import Browser, house
from tests.unit.views.web.test_assets import STYLES
from vigie.views import web

# Tokens that are no colour, no space and no size of type.
OTHERS = re.compile(r"font|r\d|hero-shadow|float-shadow|reach|tight|prose|max|row")
# Macros of a template, and the components that one uses.
MACRO, USED = re.compile(r"^\{% macro (\w+)\(", re.M), re.compile(r"\bui\.(\w+)\(")
VIEWS = Path(web.__file__).parent
SHOWN = VIEWS / "pages" / "styleguide" / "page.html"


def components():
    """Return the components by name, each with those that it is made of."""
    parts = MACRO.split((VIEWS / "templates" / "components.html").read_text("utf-8"))
    bodies = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {
        name: {other for other in bodies if re.search(rf"(?<![\w.]){other}\(", body)}
        for name, body in bodies.items()
    }


def used_in(templates):
    """Return the components that templates use, and those that these are made of."""
    known = components()
    found, left = set(), {name for path in templates for name in USED.findall(path.read_text("utf-8"))}
    while left:
        found |= left
        left = set().union(*(known[name] for name in left)) - found
    return found


def test_every_component_that_a_page_uses_is_shown():
    used = used_in(path for path in VIEWS.rglob("*.html") if path != SHOWN)
    assert {"card", "table", "chart_frame", "field", "undo"} < used
    assert used - used_in([SHOWN]) == set()


def test_every_token_is_shown_and_every_state_is_drawn(tmp_path):
    page = Browser(house(tmp_path / "home", with_bars=False)).get("/styleguide").text
    tokens = set(re.findall(r"^\s*--([\w-]+):", (STYLES / "tokens.css").read_text(encoding="utf-8"), re.M))
    wanted = {name for name in tokens if not OTHERS.match(name)}
    assert {"accent", "s1", "t3", "band"} < wanted
    assert wanted - set(re.findall(r"var\(--([\w-]+)\)", page)) == set()
    # What is shown is shown with something in it.
    for name in ("empty", "loading", "stale", "error"):
        assert f'class="state state-{name}"' in page
    assert 'class="exports"' in page
    assert "ConnectTimeout" in page


def test_every_editor_asks_again_a_quarter_of_a_second_after_the_last_change():
    editors = {
        path.name: re.findall(r'<form[^>]*class="[^"]*editor[^"]*"[^>]*>', text)
        for path in VIEWS.rglob("*.html")
        if path != SHOWN
        and (text := path.read_text("utf-8"))
        and re.search(r'<form[^>]*class="[^"]*editor', text)
    }
    assert set(editors) == {"new.html", "screener.html", "page.html", "part.html"}
    for name, forms in editors.items():
        assert any("change delay:250ms, input delay:250ms" in form for form in forms), name
