"""Asks a home for one address of each kind of page, in a process of its own; prints what a request compiled."""

from __future__ import annotations

import json
import re
import sys
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from numba.core import event

from tests.houses import Browser, house
from tests.page_addresses import patterns
from vigie.services.running.compiling import compile_pages_apart, compile_rest_apart


class Compilations(event.Listener):
    """Keeps the names of the functions that are compiled in this process."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def on_start(self, event: Any) -> None:
        self.names.append(event.data["dispatcher"].py_func.__qualname__)

    def on_end(self, event: Any) -> None:
        """Nothing more is known of it then."""


def ask_each(browser: Browser, compilations: Compilations) -> dict[str, list[str]]:
    """Follow the links from Today to one address of each page; return what was compiled for each address asked."""
    shapes = patterns()
    waiting = deque(["/", *(path for path in shapes if "{" not in path)])
    asked: dict[str, list[str]] = {}
    known: set[str] = set()
    while waiting:
        path = waiting.popleft()
        shape = next((name for name, pattern in shapes.items() if pattern.fullmatch(path)), path)
        if shape in known or shape not in shapes:
            continue
        known.add(shape)
        compilations.names.clear()
        text = browser.get(path).text
        asked[path] = list(compilations.names)
        links = re.findall(r'<a[^>]* href="([^"#?]*)', text)
        waiting.extend(urlsplit(urljoin(f"http://localhost{path}", link)).path for link in links)
    return asked


def main(home: str) -> None:
    compile_pages_apart()
    compile_rest_apart()
    built = house(Path(home))
    compilations = Compilations()
    event.register("numba:compile", compilations)
    json.dump(ask_each(Browser(built), compilations), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
