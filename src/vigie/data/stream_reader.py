"""A stream, read until it ends or says nothing for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from vigie.domain.errors import TransientError
from vigie.ports.source import Batch, Stream


async def read_stream(stream: Stream, silent_s: float) -> AsyncGenerator[Batch]:
    """Yield what a stream says, until it ends or says nothing for long."""
    async with aclosing(stream.listen()) as batches:  # type: ignore[type-var]  # a generator, as connectors write them
        while True:
            # Not `wait_for`: up to Python 3.11 it may swallow that this task is cancelled.
            try:
                async with asyncio.timeout(silent_s):
                    batch = await anext(batches)
            except TimeoutError as fault:
                raise TransientError(
                    "stream_sent_nothing", "the stream has sent nothing for {silent_s:g} s", silent_s=silent_s
                ) from fault
            except StopAsyncIteration as fault:
                raise TransientError("stream_ended", "the stream ended") from fault
            yield batch
