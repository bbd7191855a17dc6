"""Ten small faults in ten wings, each planted into a copy of the tree: does `make check` run a test that fails on it?

    python -m tests.mutation.planted              # in a copy that it makes: all of them, a line each
    python -m tests.mutation.planted ecb_hour     # one

A fault is planted, `tools/affected` chooses what is run for it, and that is run in its order until a test fails. The
faults were written down before anybody looked which tests notice them; one that no test of its page noticed (the order
of prices on a list's page) was replaced.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
# Files that are run in one process before it is asked whether one failed.
TOGETHER: Final = 12
# What the product needs beside the files of the repository.
BUILT: Final = ("src/vigie/views/web/static",)


@dataclass(frozen=True, slots=True)
class Fault:
    """A text that is replaced by another in one file, once.

    Parameters
    ----------
    path : str
        The file.
    old, new : str
        The text, and what stands there instead.
    noticed_by : str
        The test that was seen to fail on it.
    is_plain : bool
        Whether it is tried without compilation, which would take longer than the tests.
    """

    path: str
    old: str
    new: str
    noticed_by: str
    is_plain: bool = False


PAGES: Final = "src/vigie/views/web/pages"
FAULTS: Final = {
    # An opposite signal no longer ends a position; tried without compilation, which takes longer than the tests.
    "kernel_opposite": Fault(
        "src/vigie/engine/kernel.py",
        "((flags & SHORT_ENTRY) != 0 and not both)",
        "False",
        "tests/unit/engine/test_cases.py::test_shared_case_on_the_kernel[reversal-one slot]",
        is_plain=True,
    ),
    "instrument_rate": Fault(
        "src/vigie/domain/instrument.py",
        "0 <= self.maintenance_rate < 1",
        "0 <= self.maintenance_rate <= 1",
        "tests/unit/domain/test_instrument.py::test_impossible_rules_are_refused_with_name_and_value[maintenance_rate-1.0]",
    ),
    "alert_rule_field": Fault(
        f"{PAGES}/alerts/page.html",
        'name="revision" value="{{ chosen.revision }}"',
        'name="revision" value=""',
        "tests/unit/views/web/test_alerts_page.py::test_a_rule_is_changed_and_two_tabs_do_not_overwrite_each_other",
    ),
    "alert_plural": Fault(
        "src/vigie/locales/fr.po",
        'msgstr[1] "%(num)s alertes"',
        'msgstr[1] "%(number)s alertes"',
        "tests/unit/views/web/test_texts.py::test_french_keeps_the_placeholders_and_says_something",
    ),
    "shock_words": Fault(
        "src/vigie/intelligence/market/words.toml",
        "{change} in {hours} h, {value} times",
        "{change} in {hour} h, {value} times",
        "tests/unit/intelligence/market/test_market_page.py"
        "::test_every_word_stands_there_with_its_span_in_both_languages[shock-crash]",
    ),
    "rsi_exit": Fault(
        "src/vigie/trading/strategies/rsi_reversion.py",
        "100.0 - params.leave",
        "params.leave",
        "tests/contracts/test_strategies.py::test_long_and_short_change_places_when_prices_are_mirrored[rsi_reversion]",
    ),
    "ecb_hour": Fault(
        "src/vigie/adapters/sources/ecb/source.py",
        "ts + _PUBLISHED_MS",
        "ts",
        "tests/contracts/test_sources.py::test_euro_rates_are_known_in_the_afternoon_of_their_day",
    ),
    "watchlist_undo": Fault(
        f"{PAGES}/watchlists/page.py",
        'back="down" if to == "up" else "up"',
        "back=to",
        "tests/unit/views/web/test_watchlist_pages.py::test_lists_go_back_to_their_order_by_the_button",
    ),
    "bitget_side": Fault(
        "src/vigie/adapters/venues/bitget/rows.py",
        'return "buy" if side > 0 else "sell"',
        'return "sell"',
        "tests/contracts/test_trading_venues.py::test_card_11_a_placed_order_is_read_back_by_its_own_id[bitget]",
    ),
    "first_sights_index": Fault(
        "src/vigie/adapters/stores/sql/migrations/versions/m0019_first_sights.py",
        '        sa.Index(None, "kind", "ts_seen"),\n',
        "",
        "tests/unit/adapters/stores/sql/test_schema.py::test_the_tables_are_those_that_the_program_knows[sqlite]",
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a fault.

    Parameters
    ----------
    name : str
        The fault.
    chosen, reached : int
        Test files that are run for it, and that it can break.
    place : int
        Which of the chosen files failed first, counted from 1 and to the end of those it was run with; 0: none did.
    failed : tuple of str
        The tests that failed.
    line : str
        What `make check` says of the choice.
    """

    name: str
    chosen: int
    reached: int
    place: int
    failed: tuple[str, ...]
    line: str


@contextmanager
def copied(root: Path = ROOT) -> Iterator[Path]:
    """Copy the tree, as it is now, into a repository of its own with one commit."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with tempfile.TemporaryDirectory(prefix="vigie-planted-") as folder:
        copy = Path(folder) / "tree"
        for name in filter(None, listed.split("\0")):
            if (root / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, copy / name)
        for name in BUILT:
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name)
        for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "as it is")):
            own = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
            subprocess.run(["git", "-C", str(copy), *own, *words], check=True)
        yield copy


def try_one(copy: Path, name: str) -> Found:
    """Plant a fault into a copy and run what is chosen until a test fails that passes without the fault."""
    fault = FAULTS[name]
    with _planted(copy, fault):
        chosen = json.loads(_python(copy, fault, "-m", "tests.mutation.planted", "--chosen").stdout)
    run, passed_over = chosen["run"], []
    start = 0
    while start < len(run):
        files = run[start : start + TOGETHER]
        with _planted(copy, fault):
            failed = _failed(copy, fault, *files, *passed_over)
        if failed and _failed(copy, fault, failed[0]):
            # It fails anyway: it has noticed nothing.
            passed_over.append(f"--deselect={failed[0]}")
            continue
        start += len(files)
        if failed:
            return Found(name, len(run), chosen["reached"], start, tuple(failed), chosen["line"])
    return Found(name, len(run), chosen["reached"], 0, (), chosen["line"])


@contextmanager
def _planted(copy: Path, fault: Fault) -> Iterator[None]:
    path = copy / fault.path
    before = path.read_text(encoding="utf-8")
    if before.count(fault.old) != 1:
        raise LookupError(f"{fault.path} has the text {fault.old!r} {before.count(fault.old)} times")
    path.write_text(before.replace(fault.old, fault.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def _failed(copy: Path, fault: Fault, *words: str) -> list[str]:
    """Run tests until one fails; return which."""
    answer = _python(copy, fault, "-m", "pytest", "-q", "-x", "-n", "0", "--quick=", *words)
    failed = [
        line.split(" - ")[0].split(" ", 1)[1]
        for line in answer.stdout.splitlines()
        if line.startswith(("FAILED ", "ERROR "))
    ]
    if not failed and answer.returncode not in (0, 5):
        raise RuntimeError(f"pytest broke off\n{answer.stdout[-2000:]}\n{answer.stderr[-2000:]}")
    return failed


def _python(copy: Path, fault: Fault, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the copy, whatever is installed."""
    paths = {"PYTHONPATH": os.pathsep.join((str(copy / "src"), str(copy)))}
    plain = {"NUMBA_DISABLE_JIT": "1"} if fault.is_plain else {}
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "PYTEST_XDIST_WORKER")}
    return subprocess.run(
        [sys.executable, *words],
        cwd=copy,
        env={**kept, **paths, **plain},
        capture_output=True,
        text=True,
        check=False,
    )


def say_chosen() -> None:
    """Print, of the tree that this runs in, what is chosen for the change in it."""
    from tools import affected

    found = affected.changes(ROOT, "HEAD")
    assert found is not None
    choice = affected.plan(ROOT, found)
    said = {
        "run": [one.path for one in choice.run],
        "reached": len(choice.run) + len(choice.left),
        "line": choice.line(found),
    }
    print(json.dumps(said))


def main(words: list[str]) -> int:
    """Try the faults that are named, or all; 0 when each was found."""
    if words == ["--chosen"]:
        say_chosen()
        return 0
    lost = []
    with copied() as copy:
        for name in words or FAULTS:
            found = try_one(copy, name)
            print(json.dumps(asdict(found)), flush=True)
            if not found.failed:
                lost.append(name)
    print(
        f"{len(words or FAULTS) - len(lost)} of {len(words or FAULTS)} found; not: {', '.join(lost) or 'none'}"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
