"""Write the generated pages and build the documentation into site/.

    python tools/build_docs.py [--pages-only]

Generated pages live in docs/_generated, which git ignores; the pages that people read include them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import doc_commands
import doc_floors
import doc_glossary

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "docs" / "_generated"
PAGES = {"glossary": doc_glossary.page, "cli": doc_commands.page, "architecture": doc_floors.page}
# What a browser fetches by itself; links that a person may follow are not meant.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|audio|video)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^\"'> ]+"
    r"|<link\b[^>]*rel=[\"']?(?:stylesheet|preconnect|preload|dns-prefetch|icon)[^>]*href=[\"']?(?:https?:)?//[^\"'> ]+"
    r"|<link\b[^>]*href=[\"']?(?:https?:)?//[^\"'> ]+[^>]*rel=[\"']?(?:stylesheet|preconnect|preload|icon)"
    r"|url\((?:https?:)?//[^)]+\)"
)


def write_pages() -> None:
    """Write every generated page."""
    GENERATED.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (GENERATED / f"{name}.md").write_text(page() + "\n", encoding="utf-8")


def outside_requests(folder: Path) -> list[str]:
    """Return what pages of a folder would fetch from elsewhere when they are opened."""
    found = []
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.css")]):
        for match in FETCHED.finditer(path.read_text(encoding="utf-8", errors="replace")):
            found.append(f"{path.relative_to(folder)}: {match[0][:120]}")
    return found


def main() -> int:
    """Write the pages, build, and refuse a site that would call elsewhere."""
    write_pages()
    if "--pages-only" in sys.argv[1:]:
        return 0
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--clean"]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    if subprocess.run(command, cwd=ROOT, env=quiet, check=False).returncode:
        print("vigie: the documentation could not be built; see the warnings above", file=sys.stderr)
        return 1
    found = outside_requests(ROOT / "site")
    if found:
        print("vigie: pages would fetch from elsewhere:", *found, sep="\n  ", file=sys.stderr)
        return 1
    print("vigie: documentation is in site/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
