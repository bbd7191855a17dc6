"""CONTRIBUTING says how many files a new thing takes: each is added to a copy of the sources, and found by Vigie."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

LEFT_OUT = shutil.ignore_patterns("__pycache__", "static", "*.nbi", "*.nbc")
INDICATOR = '''"""Gap."""
from vigie.quant.indicators._spec import ChartStyle, Indicator
def gap(open, close):
    return open - close
INDICATORS = (
    Indicator(
        gap, inputs=("open", "close"), outputs=("gap",), warmups=lambda: (0,), formula="x", source="y", flat=(0.0,),
        chart=ChartStyle("Gap", "own", "usd"),
    ),
)
'''
SETTING = '    lanterns: int = Field(default=3, description="Lanterns.")\n'
PAGE = '''"""Lanterns."""
from vigie.views.web.page import Page
GROUP = "system"
PAGES = (Page("lanterns", "/lanterns", "Lanterns", "All lanterns.", lambda context: {}),)
'''
SIMULATED = '''"""Lanterns."""
def open_service(world):
    return "lanterns"
'''


@dataclass(frozen=True, slots=True)
class Thing:
    """What is added: files by their path with their text, changes of a file, and what must then be true."""

    files: Mapping[str, str]
    proof: str
    changes: Mapping[str, Callable[[str], str]] | None = None

    def n_places(self) -> int:
        """Files and folders of its own, and places in files that are there."""
        return len({path.partition("/*")[0] for path in self.files}) + len(self.changes or {})


def template(kind: str, file: str) -> str:
    """Return a file of a new plug-in, under the name `lanterns`."""
    text = (ROOT / "src/vigie/adapters/plugins/templates" / kind / f"{file}.template").read_text("utf-8")
    return text.replace("$name", "lanterns").replace("$title", "Lanterns").replace("$scheme", "lanterns")


def folder(path: str, kind: str, *files: str) -> dict[str, str]:
    """Return the files of a folder; they count as one."""
    return {f"{path}/*{file}": template(kind, file) for file in files}


THINGS = {
    "a strategy": Thing(
        {
            "vigie/trading/strategies/lanterns.py": (ROOT / "src/vigie/trading/scaffold/strategy.py.template")
            .read_text("utf-8")
            .replace("$title", "Lanterns")
        },
        "from vigie.trading.catalogue import load; assert load('lanterns').name == 'lanterns'",
    ),
    "an indicator on the chart": Thing(
        {"vigie/quant/indicators/gap.py": INDICATOR},
        "from vigie.ports.plugins import PluginDirectory\n"
        "from vigie.services.market_data.indicator_lines import chart_indicators\n"
        "assert chart_indicators(PluginDirectory()).parse('gap') == {'gap': ('gap', {})}",
    ),
    "a column of a table": Thing(
        {},
        "from vigie.services.operation import operations\n"
        "from vigie.services.operations.plugins import PluginRow\n"
        "from vigie.services.rows import row_columns\n"
        "assert 'Colour' in [one.title for one in row_columns(PluginRow)]\n"
        "assert 'colour' in str(operations()['plugins.list'].result_type.model_json_schema(mode='serialization'))",
        {
            "vigie/services/operations/plugins.py": lambda text: text.replace(
                '    fault: str = shown("Problem")\n',
                '    fault: str = shown("Problem")\n    colour: str = shown("Colour", default="red")\n',
            )
        },
    ),
    "a column for models": Thing(
        {},
        "from vigie.quant.features import registry; assert 'volume.ratio_72' in registry()",
        {
            "vigie/quant/features/volume.py": lambda text: text.replace(
                "\n)  # fmt: skip\n",
                '\n    FeatureColumn(_GROUP, "ratio_72", _against_mean(72), 71, "ratio", "Of 72."),\n)  # fmt: skip\n',
            )
        },
    ),
    "a page": Thing(
        {
            "vigie/views/web/pages/lanterns/*page.py": PAGE,
            "vigie/views/web/pages/lanterns/*page.html": "Lit.",
        },
        "from vigie.views.web.page import pages; assert '/lanterns' in {page.path for page in pages().values()}",
    ),
    "a channel for alerts": Thing(
        folder(
            "vigie/adapters/notifiers/lanterns", "notifier", "__init__.py", "manifest.toml", "notifier.py"
        ),
        "import os; from vigie.wiring.app_context import open_app_context\n"
        "notifiers = open_app_context(os.environ['VIGIE_HOME']).notifiers\n"
        "assert notifiers.kind_of_address('lanterns://x') == 'lanterns'\n"
        "assert hasattr(notifiers.for_kind('lanterns'), 'send')",
    ),
    "a source of figures": Thing(
        folder("vigie/adapters/sources/lanterns", "source", "__init__.py", "manifest.toml", "source.py"),
        "from vigie.adapters.connectors import measures, notes\n"
        "assert 'lanterns/daily' in {note.id for note in notes()}\n"
        "assert 'own/lanterns/daily' in {one.pattern for one in measures()}\n"
        "from vigie.config.names import setting_key\n"
        "assert setting_key('VIGIE_LANTERNS_URL') == ('urls', 'lanterns')",
    ),
    "its simulated service": Thing(
        {"vigie_sandbox/world/services/lanterns.py": SIMULATED},
        "from vigie_sandbox.world.service_names import service_names\n"
        "from vigie_sandbox.world import services\n"
        "assert 'lanterns' in service_names()\n"
        "assert services._MODULES['lanterns'].open_service(None) == 'lanterns'",
    ),
    "a setting": Thing(
        {},
        "import os; from vigie.config.loading import load\n"
        "os.environ['VIGIE_LANTERNS'] = '7'\n"
        "assert load().settings.lanterns == 7",
        {
            "vigie/config/settings.py": lambda text: text.replace(
                "    plain_http: bool = Field(", f"{SETTING}    plain_http: bool = Field("
            )
        },
    ),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources."""
    for package in ("vigie", "vigie_sandbox"):
        shutil.copytree(
            ROOT / "src" / package, tmp_path / package, copy_function=shutil.copyfile, ignore=LEFT_OUT
        )
    return tmp_path


def stated() -> dict[str, int]:
    """Return how many places CONTRIBUTING says that each thing takes."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    return {
        name: int(n) for name, n in re.findall(r"^\| ([a-z ]+) \| (\d) (?:file|folder|place)", text, re.M)
    }


@pytest.mark.parametrize(("name", "thing"), THINGS.items(), ids=THINGS)
def test_a_new_thing_takes_as_many_files_as_stated_and_is_found(tree, tmp_path_factory, name, thing):
    assert stated()[name] == thing.n_places()
    for path, text in thing.files.items():
        target = tree / path.replace("/*", "/")
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, "utf-8")
    for path, change in (thing.changes or {}).items():
        before = (tree / path).read_text("utf-8")
        (tree / path).unlink()
        (tree / path).write_text(change(before), "utf-8")
        assert change(before) != before
    home = tmp_path_factory.mktemp("home") / "home"
    environ = {**os.environ, "PYTHONPATH": str(tree), "VIGIE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", f"import vigie; assert vigie.__file__.startswith({str(tree)!r})\n{thing.proof}"],
        env=environ, cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_contributing_states_nothing_that_is_not_tried():
    assert stated().keys() == THINGS.keys()
