"""Long work: queued, done by a worker process, watched, cancelled, gone on with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
# The kind of a job that nobody ordered: a model decides in it, and what it says is its record.
SHADOW: Final = "shadow"
FINISHED: Final[tuple[JobState, ...]] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work.

    Attributes
    ----------
    id : str
        Sortable by age.
    kind : str
        ``backtest``, ``sweep``, ``import``: the worker's registry.
    owner : str
        Id of the user who ordered it.
    ask : dict
        What was ordered, plain values.
    progress : float
        [0, 1].
    message : str
        What it is doing, or why it failed.
    answer : dict or None
        What came out, when done.
    wants_cancel : bool
        Somebody asked it to stop; the worker looks.
    attempts : int
        How often a worker has taken it up: a job whose worker died is taken up again.
    """

    id: str
    kind: str
    owner: str
    ask: dict[str, Any]
    state: JobState
    ts_created: int
    ts_started: int | None = None
    ts_finished: int | None = None
    ts_beat: int | None = None
    progress: float = 0.0
    message: str = ""
    answer: dict[str, Any] | None = None
    wants_cancel: bool = False
    attempts: int = 0
