"""Keeps the rows of a sweep on disk while it runs, so that a kill loses seconds of work and doubles nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from vigie.domain.errors import UsageError
from vigie.ports.trials import TrialRegistry
from vigie.research.files import parquet_bytes
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.table import frame_to_rows, rows_to_frame
from vigie.research.sweep.trial_names import TrialNames
from vigie.research.sweep.work import Rows, row_type

Writer = Callable[[Path, Mapping[str, bytes]], None]
Clock = Callable[[], float]

PART_ROWS: Final = 8_192
PART_SECONDS: Final = 2.0


class FolderRowStore:
    """Keeps rows as Parquet parts in a folder, and counts their trials before they are kept.

    Parts hold whole chunks in order: what is there is always a beginning of the sweep.
    """

    def __init__(
        self,
        plan: SweepPlan,
        folder: Path,
        *,
        key: str,
        registry: TrialRegistry,
        write: Writer,
        clock: Clock = time.monotonic,
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._registry = registry
        self._write = write
        self._clock = clock
        self._names = TrialNames(plan)
        self._pending: list[Rows] = []
        self._since = clock()
        self._parts = self._open_folder(key)
        self._count = sum(int(pl.scan_parquet(p).select(pl.len()).collect().item()) for p in self._parts)

    def _open_folder(self, key: str) -> list[Path]:
        plan_file = self._folder / "plan.json"
        if plan_file.is_file():
            hash_before = json.loads(plan_file.read_text(encoding="utf-8")).get("configuration_hash")
            if hash_before != key:
                raise UsageError(
                    "contains_unfinished_sweep_other_settings",
                    "{parent} contains an unfinished sweep with other settings or bars; use "
                    "--fresh to discard it, or another --out",
                    parent=self._folder.parent,
                )
        else:
            self._write(self._folder, {"plan.json": json.dumps({"configuration_hash": key}).encode()})
        return sorted(self._folder.glob("part-*.parquet"))

    @property
    def parts(self) -> list[Path]:
        """The files, in order."""
        return self._parts

    def load_rows(self) -> Rows:
        """Return the rows that an earlier run kept.

        Returns
        -------
        record array of `row_type`
            In the order of the sweep; rows that wait to be written are not among them.
        """
        blocks = [frame_to_rows(self._plan, pl.read_parquet(part)) for part in self._parts]
        return np.concatenate(blocks) if blocks else np.zeros(0, row_type(self._plan.accounts))

    def count_rows(self) -> int:
        """Return how many rows an earlier run kept.

        Returns
        -------
        int
            As it was when the store was opened.
        """
        return self._count

    def keep(self, rows: Rows) -> None:
        """Keep rows; written when enough wait or some time has passed.

        Parameters
        ----------
        rows : record array of `row_type`
            The next chunk; lost if the process ends before the next write.
        """
        self._pending.append(rows)
        is_late = self._clock() - self._since >= PART_SECONDS
        if is_late or sum(len(block) for block in self._pending) >= PART_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits; its trials are counted first."""
        self._since = self._clock()
        if not self._pending:
            return
        rows = np.concatenate(self._pending)
        self._pending = []
        self._registry.record(self._names.tried_variants(rows["combination"][~rows["refused"]].tolist()))
        path = self._folder / f"part-{len(self._parts):06d}.parquet"
        self._write(self._folder, {path.name: parquet_bytes(rows_to_frame(self._plan, rows))})
        self._parts.append(path)
