"""Templates as Python, kept beside the compiled code: a new process draws its first page as quickly as others."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from vigie.compiled import writable_folder

if TYPE_CHECKING:
    from types import CodeType

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

    # Each language has templates of its own, made of the same code: it is in memory once. As many as there are files.
    codes: dict[tuple[str, str], CodeType] = {}

    class TemplateCache(FileSystemBytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            bucket.code = codes.get((bucket.key, bucket.checksum))
            if bucket.code is None:
                super().load_bytecode(bucket)
                if bucket.code is not None:
                    codes[bucket.key, bucket.checksum] = bucket.code

        def dump_bytecode(self, bucket: Bucket) -> None:
            if bucket.code is not None:
                codes[bucket.key, bucket.checksum] = bucket.code
            # What cannot be kept, on a full disk say, is made anew by the next process.
            with suppress(OSError):
                super().dump_bytecode(bucket)

    return TemplateCache
