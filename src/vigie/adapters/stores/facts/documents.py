"""Tables as sources gave them: ``<root>/<source>/<key>/<ts_known>.json.gz``, one an hour and the newest."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from vigie.adapters.stores.file_cache import FileCache
from vigie.adapters.stores.files import lock_folder, write_atomically
from vigie.domain.errors import StorageError
from vigie.domain.time import HOUR_MS

_SUFFIX: Final = ".json.gz"
# Tables in memory: the list of all assets, which pages look into several times, and a few more.
_MAX_CACHED: Final = 4


class DocumentFiles:
    """Keeps the newest table of a key, and of the earlier ones the first of each hour."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._cache: FileCache[dict[str, Any]] = FileCache(_MAX_CACHED, lambda body: 1)

    def put(self, source: str, key: str, ts_known: int, body: dict[str, Any]) -> None:
        """Write a table, then remove the one that it makes superfluous."""
        folder = self._folder(source, key)
        content = gzip.compress(json.dumps(body, separators=(",", ":")).encode(), 5, mtime=0)
        with lock_folder(folder):
            before = _list_times(folder)
            write_atomically(folder / f"{ts_known}{_SUFFIX}", content)
            for ts in find_superfluous([*before, ts_known]):
                (folder / f"{ts}{_SUFFIX}").unlink(missing_ok=True)

    def get(self, source: str, key: str, as_of: int | None) -> tuple[int, dict[str, Any]] | None:
        """Return the newest table known at a time, with when it was known."""
        folder = self._folder(source, key)
        for ts in reversed(_list_times(folder)):
            if as_of is not None and ts > as_of:
                continue
            path = folder / f"{ts}{_SUFFIX}"
            body = self._cache.get(path, _read_table)
            # None where it was replaced by a newer one since the folder was listed.
            return self.get(source, key, as_of) if body is None else (ts, body)
        return None

    def _folder(self, source: str, key: str) -> Path:
        return self.root / quote(source, safe="") / quote(key, safe="")


def _read_table(path: Path) -> dict[str, Any]:
    try:
        body: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    except FileNotFoundError:
        raise
    except (OSError, EOFError, ValueError) as error:
        raise StorageError(
            "cannot_read_delete",
            "{path} cannot be read ({error}); delete it, the next fetch creates a new one",
            path=path,
            error=error,
        ) from error
    return body


def find_superfluous(times: list[int]) -> list[int]:
    """Return which of the times are neither the first of their hour nor the newest."""
    ordered = sorted(set(times))
    pairs = pairwise(ordered[:-1])
    return [ts for before, ts in pairs if before // HOUR_MS == ts // HOUR_MS]


def _list_times(folder: Path) -> list[int]:
    names = (file.name.removesuffix(_SUFFIX) for file in folder.glob(f"*{_SUFFIX}"))
    return sorted(int(name) for name in names if name.lstrip("-").isdigit())
