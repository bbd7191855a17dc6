"""Templates as Python, kept beside the compiled code: a new process draws its first page as quickly as others."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from vigie.compiled import writable_folder

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, FileSystemBytecodeCache
    from jinja2.bccache import Bucket


def template_cache() -> BytecodeCache | None:
    """Return where templates are kept by their text, None where nothing can be written."""
    folder = writable_folder("templates")
    return _cache_class()(str(folder)) if folder else None


@cache
def _cache_class() -> type[FileSystemBytecodeCache]:
    # Loaded here, so that commands which draw nothing do not pay for it.
    from jinja2 import FileSystemBytecodeCache

    class TemplateCache(FileSystemBytecodeCache):
        def dump_bytecode(self, bucket: Bucket) -> None:
            # What cannot be kept, on a full disk say, is made anew by the next process.
            with suppress(OSError):
                super().dump_bytecode(bucket)

    return TemplateCache
