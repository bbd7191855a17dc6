"""What waits for hosts that may be slow: few at once, so that pages are answered meanwhile; of this process alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from vigie.domain.errors import TransientError

MOST: Final = 2


class SlowReadings:
    """Readings under way; each holds a thread.

    Parameters
    ----------
    most : int
        How many at once.
    """

    def __init__(self, most: int = MOST) -> None:
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Begin a reading, which ends with the block.

        Raises
        ------
        TransientError
            If there are as many as may be.
        """
        if not self._free.acquire(blocking=False):
            raise TransientError(
                "readings_under_way",
                "others are being read now, which takes a while; try it again in a minute",
            )
        try:
            yield
        finally:
            self._free.release()
