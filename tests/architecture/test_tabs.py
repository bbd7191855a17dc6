"""Pages of browser tests wait as long as all of them do: none is opened past the place that bounds it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

from tests.e2e import houses

E2E = Path(houses.__file__).parent
# A page of a context is bounded with it; one of a browser is a context of its own.
PAST = re.compile(r"(?<!context)\.new_page\(|\.new_context\(")
ROOM = re.compile(r"room\([^\n]*\)\.new_page\(")


def test_every_tab_of_a_browser_test_is_opened_where_its_waiting_is_bounded():
    past = {
        f"{path.name}: {line.strip()}"
        for path in E2E.glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if PAST.search(ROOM.sub("", line))
    }
    assert past == {"houses.py: context = browser.new_context(**settings)"}


def test_what_is_opened_there_waits_so_long_and_no_longer():
    waits = []
    context = SimpleNamespace(set_default_timeout=waits.append)
    browser = SimpleNamespace(new_context=lambda **settings: context)
    assert houses.room(browser, offline=True) is context
    assert waits == [houses.WAIT_MS]
