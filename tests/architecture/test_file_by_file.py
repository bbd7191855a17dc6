"""Files that are read when their turn comes are run as they are when all are read first."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "conftest.py": """
        import pytest
        pytest_plugins = ["tests.running", "tests.file_by_file"]

        @pytest.fixture(scope="session")
        def once(tmp_path_factory):
            place = tmp_path_factory.getbasetemp() / "made"
            place.mkdir()
            yield place
            place.rmdir()
    """,
    "test_passes.py": """
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_one(number, once):
            assert once.is_dir()

        class TestMore:
            def test_two(self):
                pass
    """,
    "test_again.py": """
        def test_the_same_is_still_there(once):
            assert once.is_dir()
    """,
    "test_fails.py": """
        import pytest

        @pytest.fixture
        def broken():
            raise OSError("no set-up")

        def test_false():
            assert False

        def test_error(broken):
            pass

        @pytest.mark.skip(reason="never")
        def test_skipped():
            pass
    """,
    "test_broken.py": "import nothing_of_this_name",
    "test_empty.py": "",
    # A file without tests in the folder of one with tests, and then another folder.
    "near/conftest.py": """
        import pytest

        @pytest.fixture(scope="package", autouse=True)
        def near():
            yield
    """,
    "near/test_first.py": "def test_first(): pass",
    "near/test_none.py": "",
    "other/test_then.py": "def test_then(): pass",
}


def outcomes(folder: Path, *options: str) -> tuple[int, list[tuple[str, str, str]]]:
    """Return how a run ended, and of each case its file, its name and what became of it."""
    (folder / "out.xml").unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml=out.xml", "-p", "no:cacheprovider", *options]
    code = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, check=False
    ).returncode
    return code, sorted(
        (case.get("classname", ""), case.get("name", ""), "".join(child.tag for child in case))
        for case in ET.parse(folder / "out.xml").iter("testcase")
    )


def test_every_case_ends_as_it_does_otherwise(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    straight = outcomes(tmp_path, "--continue-on-collection-errors")
    assert len(straight[1]) == 11
    assert outcomes(tmp_path, "--file-by-file") == straight
    assert outcomes(tmp_path, "--file-by-file", "-n", "2", "--dist", "loadfile") == straight
