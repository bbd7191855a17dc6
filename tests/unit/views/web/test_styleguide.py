"""The design system on its page: every token of colour, space and type, and the components."""

import re

from tests.houses import Browser, house
from tests.unit.views.web.test_assets import STYLES

# Tokens that are no colour, no space and no size of type.
OTHERS = re.compile(r"font|r\d|hero-shadow|float-shadow|reach|tight|prose|max|row")
COMPONENTS = (
    "tile", "card", "table", "badge", "chart-frame", "form", "dialog", "state-empty", "state-loading", "state-stale",
    "state-error",
)  # fmt: skip


def test_every_token_and_component_is_shown(tmp_path):
    page = Browser(house(tmp_path / "home", with_bars=False)).get("/styleguide").text
    tokens = set(re.findall(r"^\s*--([\w-]+):", (STYLES / "tokens.css").read_text(encoding="utf-8"), re.M))
    wanted = {name for name in tokens if not OTHERS.match(name)}
    assert {"accent", "s1", "t3", "band"} < wanted
    assert wanted - set(re.findall(r"var\(--([\w-]+)\)", page)) == set()
    shown = {name for classes in re.findall(r'class="([^"]*)"', page) for name in classes.split()}
    assert set(COMPONENTS) - shown == set()
