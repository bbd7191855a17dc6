"""One Chromium for all browser tests of a process: its start costs more than most of their pages."""

from __future__ import annotations

import contextlib
from asyncio import events
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def lent() -> Iterator[Callable[[], contextlib.AbstractContextManager[Any]]]:
    """Give a way to borrow Chromium; what was opened with it is closed when it is given back.

    Playwright leaves its loop running in the thread that started it, where nobody else could run one: the loop is put
    aside while nobody has the browser.
    """
    # Chromium and what drives it are loaded where a browser is wanted, not by every process that reads this.
    from tests.e2e.houses import chromium

    with chromium() as opened:
        loop = events.get_running_loop()
        events._set_running_loop(None)

        @contextlib.contextmanager
        def lend() -> Iterator[Any]:
            events._set_running_loop(loop)
            try:
                yield opened
            finally:
                for context in opened.contexts:
                    context.close()
                events._set_running_loop(None)

        try:
            yield lend
        finally:
            events._set_running_loop(loop)


@pytest.fixture(scope="module")
def browser(lent: Callable[[], contextlib.AbstractContextManager[Any]]) -> Iterator[Any]:
    """Give Chromium with nothing open, for the tests of a file."""
    with lent() as opened:
        yield opened
