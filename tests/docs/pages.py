"""Pages whose Python blocks are run: each block is followed by a text block with what it prints.

`python -m tests.docs.pages docs/python.md` writes the outputs anew.
"""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code, what the page says it prints, and where it begins."""

    code: str
    output: str
    line: int


def blocks(text: str) -> list[Block]:
    """Return the Python blocks of a page in order."""
    return [
        Block(found["code"], found["output"] or "", text.count("\n", 0, found.start()) + 2)
        for found in _BLOCK.finditer(text)
    ]


def printed(block: Block, names: dict[str, Any], page: str) -> str:
    """Run a block in `names` and return what it prints, without spaces at the ends of lines."""
    out = io.StringIO()
    # The line numbers of a traceback are then those of the page.
    code = compile("\n" * (block.line - 1) + block.code, page, "exec")
    with redirect_stdout(out):
        exec(code, names)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def rewritten(text: str, page: str) -> str:
    """Return the page with the outputs that its blocks print now."""
    names: dict[str, Any] = {}

    def replace(found: re.Match[str]) -> str:
        block = Block(found["code"], "", text.count("\n", 0, found.start()) + 2)
        output = printed(block, names, page)
        shown = f"\n```text\n{output}```\n" if output else ""
        return f"```python\n{block.code}```\n{shown}"

    return _BLOCK.sub(replace, text)


def main(words: list[str]) -> None:
    """Write pages anew."""
    for word in words:
        path = Path(word)
        path.write_text(
            rewritten(path.read_text(encoding="utf-8"), path.name), encoding="utf-8", newline="\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
