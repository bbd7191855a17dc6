"""Work that goes on beside something else, in a thread of its own, and ends with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

# So long is waited for what is being done when the end comes; what is not finished is taken up by the next process.
END_S: Final = 5.0


class Stoppable(Protocol):
    """Works until it is told to stop."""

    def run(self) -> None:
        """Work until `stop`."""
        ...

    def stop(self) -> None:
        """Ask it to end."""
        ...


@contextmanager
def running_beside(work: Stoppable, name: str) -> Iterator[None]:
    """Work beside what the block does.

    Parameters
    ----------
    name : str
        Of the thread.
    """
    thread = threading.Thread(target=work.run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        work.stop()
        thread.join(END_S)
