"""Kinds of files, and the tests that are for each besides those that import, name or lie beside them.

The first kind whose pattern a path fits is its own. What is of no kind changes everything, never nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

EVERYTHING: Final = ("tests/*",)
HELD: Final = "tests/architecture/test_"
WEB: Final = "tests/unit/views/web/test_"
COMMITTED: Final = (f"{HELD}committed_files.py",)
# Read all of the package as text.
READ: Final = (
    *COMMITTED,
    *(
        f"{HELD}{name}.py"
        for name in ("faces", "floors", "one_catalogue", "reasons", "seams", "sizes", "sums", "documents")
    ),
    f"{WEB}refusals.py",
    "tests/unit/services/trading/test_trading_events.py",
)
# Look at the texts of pages, and at what every page must be.
TEXTS: Final = (
    f"{WEB}texts.py",
    f"{WEB}made_up_language.py",
    f"{WEB}spoken_languages.py",
    f"{WEB}refusals.py",
    f"{WEB}spoken.py",
    f"{WEB}names_in_languages.py",
)
PAGES: Final = (
    f"{WEB}texts.py",
    f"{HELD}pages.py",
    f"{WEB}empty_pages.py",
    f"{WEB}shell.py",
    "tests/e2e/test_pages.py",
)
DOCS: Final = ("tests/docs/*", f"{HELD}documents.py", *COMMITTED)
BROWSER: Final = (
    "tests/e2e/*",
    f"{WEB}shell.py",
    f"{WEB}chart_files.py",
    f"{WEB}styleguide.py",
    f"{WEB}files_terms.py",
)
NEWS: Final = ("tests/unit/intelligence/news/*",)
MODELS: Final = ("tests/unit/intelligence/news/*", "tests/unit/services/news/*")
REPORT: Final = ("tests/unit/research/*report*", "tests/e2e/test_report.py")
INSTALLED: Final = (
    f"{HELD}install.py",
    f"{HELD}requirements.py",
    f"{HELD}workflow.py",
    f"{HELD}running.py",
    *COMMITTED,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Files of one kind.

    Parameters
    ----------
    title : str
        What they are, in a word or two.
    pattern : str
        Their path from the root of the repository, all of it, as a regular expression.
    tests : tuple of str
        Patterns of the test files that are for each of them.
    is_read_beside : bool
        Whether the modules of its folder read it, or of the nearest folder above that has modules.
    loaded_by : tuple of str
        Modules that load each of them by the name of their folder.
    """

    title: str
    pattern: str
    tests: tuple[str, ...]
    is_read_beside: bool = False
    loaded_by: tuple[str, ...] = ()


KINDS: Final = (
    Kind(
        "migration",
        r"src/vigie/adapters/stores/sql/migrations/.+",
        (*READ, "tests/unit/adapters/stores/sql/*"),
        is_read_beside=True,
        loaded_by=("src/vigie/adapters/stores/sql/schema.py",),
    ),
    Kind("page", r"src/vigie/views/web/pages/.+\.py", (*READ, *PAGES)),
    Kind("module", r"src/vigie(_sandbox)?/.+\.py", READ),
    Kind("template of a page", r"src/vigie/views/web/.+\.html", PAGES, True),
    Kind(
        "catalogue of texts", r"src/vigie/locales/.+\.po", ("tests/unit/intelligence/market/*", *TEXTS), True
    ),
    Kind("template of the report", r"src/vigie/research/report/templates/.+", (*REPORT, *COMMITTED), True),
    Kind(
        "manifest",
        r"src/vigie/adapters/.+/manifest\.toml",
        ("tests/docs/test_sources_page.py", "tests/contracts/*"),
        True,
    ),
    Kind(
        "sources of news",
        r"src/vigie/adapters/sources/news/.+\.toml",
        ("tests/unit/adapters/news/*", f"{WEB}spoken.py"),
        True,
    ),
    Kind("instruments", r"src/vigie/data/instruments/.+\.csv", ("tests/unit/data/*",), True),
    Kind(
        "words of markets",
        r"src/vigie/intelligence/market/.+\.toml",
        ("tests/unit/intelligence/market/*", *TEXTS),
        True,
    ),
    Kind(
        "tax rules of countries",
        r"src/vigie/intelligence/holdings/.+\.toml",
        ("tests/unit/intelligence/holdings/*", "tests/contracts/test_holdings_cases.py"),
        True,
    ),
    Kind(
        "templates of reports",
        r"src/vigie/adapters/printing/.+\.typ",
        ("tests/unit/adapters/printing/*",),
        True,
    ),
    Kind(
        "lists and models of news", r"src/vigie/intelligence/news/.+\.(csv|json|toml|txt|npz)", MODELS, True
    ),
    Kind(
        "program that checks the record",
        r"src/vigie/services/setups/published/verify_program\.txt",
        ("tests/unit/services/setups/test_published.py",),
        True,
    ),
    Kind("tasks of readers", r"tests/readers/.+\.toml", COMMITTED),
    Kind(
        "simulated world",
        r"src/vigie_sandbox/world/.+\.(json|toml)",
        ("tests/unit/sandbox/*", "tests/docs/test_sources_page.py"),
        True,
    ),
    Kind(
        "templates of plug-ins",
        r"src/vigie/adapters/plugins/templates/.+\.template",
        ("tests/unit/views/test_plugin_commands.py", f"{HELD}how_many_files.py", *COMMITTED),
        True,
    ),
    Kind("example plug-in", r"examples/plugins/.+", ("tests/contracts/test_plugins.py", *COMMITTED)),
    Kind(
        "scaffold",
        r"src/vigie/trading/scaffold/.+\.template",
        ("tests/unit/trading/*", "tests/docs/test_shown_strategies.py"),
        True,
    ),
    Kind("test", r"tests/.+\.py", (*COMMITTED, f"{HELD}running.py", f"{HELD}independence.py")),
    Kind("durations of tests", r"tests/durations\.toml", (f"{HELD}running.py", f"{HELD}affected.py")),
    Kind("listed sizes", r"tests/architecture/sizes\.toml", (f"{HELD}sizes.py",)),
    Kind("what takes the whole home", r"tests/architecture/app_context\.toml", (f"{HELD}app_context.py",)),
    Kind("types left open", r"tests/architecture/types\.toml", (f"{HELD}types.py",)),
    Kind("sections left out", r"tests/architecture/docstrings\.toml", (f"{HELD}docstrings.py",)),
    Kind(
        "cases of the fill model",
        r"tests/(data/cases|twin)/.+",
        ("tests/unit/engine/*", "tests/mutation/*", f"{HELD}documents.py"),
    ),
    Kind("golden results", r"tests/(golden|data/golden)/.+", ("tests/golden/*", "tests/parity/*")),
    Kind(
        "home of before",
        r"tests/data/home-(of-before|that-compares)/.+",
        ("tests/unit/services/test_home_*.py",),
    ),
    Kind("kept schemas", r"tests/data/schemas-of-operations\.txt", ("tests/api/test_schemas.py",)),
    Kind(
        "files of holdings",
        r"tests/data/holdings/[a-z_]+\.csv",
        ("tests/unit/services/holdings/test_file_import.py",),
    ),
    Kind(
        "values of statsmodels",
        r"tests/data/stationarity/.+\.json",
        ("tests/unit/quant/stats/test_stationarity.py",),
    ),
    Kind(
        "situations",
        r"tests/data/situations(\.toml|/reader-\d+\.jsonl)",
        ("tests/unit/intelligence/market/test_summary.py",),
    ),
    Kind(
        "judged words",
        r"tests/data/mood_words/reader-\d+\.jsonl",
        ("tests/unit/intelligence/news/test_cloud.py",),
    ),
    Kind("cases of news", r"tests/unit/intelligence/news/.+\.csv", NEWS),
    Kind("pictures of pages", r"tests/e2e/pictures/.+\.png", ("tests/e2e/test_looks.py",)),
    Kind(
        "packages of browser tests",
        r"tests/(e2e|lighthouse)/(\.npmrc|package.*\.json)",
        (*INSTALLED, "tests/e2e/*"),
    ),
    Kind("benchmark", r"benchmarks/.+", ("tests/unit/benchmarks/*", "tests/docs/*", *COMMITTED)),
    Kind("document", r"(docs/.+\.md|README\.md|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md)", DOCS),
    Kind("pictures of documents", r"docs/images/.+\.png|docs/make_pictures\.py|mkdocs\.yml", DOCS),
    Kind("terms", r"LICENSE", (*COMMITTED, f"{WEB}files_terms.py")),
    Kind("front end", r"frontend/.+", (*BROWSER, f"{HELD}one_catalogue.py", f"{WEB}texts.py")),
    Kind("deployment", r"deploy/.+|\.dockerignore|\.env\.example", ("tests/deploy/*", *COMMITTED)),
    Kind(
        "workflow",
        r"\.github/.+|\.ci/.+|\.pre-commit-config\.yaml|\.gitignore|\.git-blame-ignore-revs",
        ("tests/deploy/test_workflows.py", *INSTALLED),
    ),
    Kind("tool that draws documents", r"tools/(build_docs|doc_\w+)\.py", DOCS),
    Kind("tool that chooses tests", r"tools/affected/.+", (f"{HELD}affected.py", f"{HELD}running.py")),
    Kind(
        "tool", r"tools/.+|Makefile|requirements/(bench|bootstrap|node)\..+", (*INSTALLED, "tests/deploy/*")
    ),
    # What is built and installed with, and how every test is run.
    Kind("installation", r"pyproject\.toml|requirements/.+|hatch_build\.py", EVERYTHING),
)


def kind_of(path: str) -> Kind | None:
    """Return the kind of a file."""
    return next((kind for kind in KINDS if re.fullmatch(kind.pattern, path)), None)
