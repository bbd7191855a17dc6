"""Tasks of the collector's loops."""

from __future__ import annotations

import asyncio


def cancel_task(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, where there is one."""
    if task is not None:
        task.cancel()
