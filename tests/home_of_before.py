"""Open the home in `tests/data/home-of-before` and ask it all; `python -m tests.home_of_before NAME...` keeps answers.

They are kept anew only of operations whose answer is meant to change. Sentences, and titles and definitions of
columns, are left out: they are texts, and change with the texts; names, numbers, codes, kinds and the order of rows
are not.
"""

from __future__ import annotations

import json
import lzma
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests import houses
from tests.houses import person
from tests.traded import DAYS, hand
from tests.unit.services.trading.material import BEGUN
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import open_database
from vigie.domain.errors import VigieError
from vigie.domain.time import DAY_MS
from vigie.services.app_context import AppContext
from vigie.services.operation import operations
from vigie.services.operation_calls import run_operation

FOLDER: Final = Path(__file__).with_name("data") / "home-of-before"
_ANSWERS: Final = FOLDER / "answers.json.xz"
ACCOUNT: Final = "main"
OWNER: Final = person("owner")
# What another disk says.
OF_THE_MACHINE: Final = ("disk_free", "disk_total")
# What is for people only, by two fields that no other record has together.
TEXTS: Final = {
    # Columns, fields of the screener, and figures of an asset.
    ("is_drawn", "unit"): ("title", "definition"),
    ("field", "unit"): ("title_en", "title_fr"),
    ("word", "unit"): ("says",),
    # Feeds of sources, by their titles.
    ("feed", "is_verified"): ("feed",),
    # Parts of a brief, and a brief as printed.
    ("chart", "lines"): ("title",),
    ("alt", "lines"): ("title",),
    ("digest", "week"): ("content", "digest", "size"),
}


def open_home(home: Path) -> AppContext:
    """Put the database and the plan of before into a home, and open it."""
    put_home(home, FOLDER)
    return houses.house(home, clock=hand(BEGUN + DAYS * DAY_MS))


def put_home(home: Path, folder: Path) -> None:
    """Put the database and the plan of a folder into a home, beside the bars that every test has."""
    houses.fill(home)
    (home / "vigie.sqlite").unlink()
    with sqlite3.connect(home / "vigie.sqlite") as connection:
        connection.executescript(lzma.decompress((folder / "database.sql.xz").read_bytes()).decode())
        # The folder of the plan is named after its run.
        (run,) = connection.execute("SELECT id FROM trade_runs").fetchone()
    connection.close()
    # As `vigie upgrade` does it.
    database = open_database(f"sqlite:///{home / 'vigie.sqlite'}")
    schema.move(database)
    database.close()
    plan = home / "trading" / run / "plan.json"
    plan.parent.mkdir(parents=True)
    plan.write_bytes((folder / "plan.json").read_bytes())


def answers(app_context: AppContext) -> dict[str, Any]:
    """Return what every operation that only reads answers to its own example, without sentences."""
    found = {}
    for one in operations().values():
        if one.is_change:
            continue
        try:
            answer = run_operation(app_context, OWNER, one.name, one.example)
        except VigieError:
            continue
        if hasattr(answer, "model_dump_json"):
            found[one.name] = _plain(json.loads(answer.model_dump_json()))
    return found


def answers_of_before() -> dict[str, Any]:
    """Return the answers that are kept."""
    kept: dict[str, Any] = json.loads(lzma.decompress(_ANSWERS.read_bytes()))
    return {name: _plain(answer) for name, answer in kept.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        texts = {text for fields, names in TEXTS.items() if value.keys() >= set(fields) for text in names}
        return {
            name: _plain(one)
            for name, one in value.items()
            if name not in OF_THE_MACHINE and name not in texts
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return "…" if isinstance(value, str) and " " in value else value


def main(names: list[str]) -> None:
    """Keep the answers of today to some operations, beside those of before to all others."""
    kept = json.loads(lzma.decompress(_ANSWERS.read_bytes()))
    with tempfile.TemporaryDirectory() as folder:
        now = answers(open_home(Path(folder) / "home"))
    text = json.dumps(kept | {name: now[name] for name in names}, sort_keys=True, ensure_ascii=False)
    _ANSWERS.write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    main(sys.argv[1:])
