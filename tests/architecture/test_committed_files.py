"""What is in the repository: no address of a package index, no secret, no path of somebody's machine."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.architecture.source_tree import ROOT

# Written in halves, so that this file is not its own finding.
INDEXES = [
    "pypi" + ".org", "files.pythonhosted" + ".org", "registry.npmjs" + ".org", "registry.yarnpkg" + ".com",
    "--index" + "-url", "--extra-index" + "-url", "--find" + "-links", "index_url" + " =", "artifactory" + "/",
]  # fmt: skip
MACHINES = re.compile(
    r"(?<![\w.])(/home/[a-z]\w+/|/Users/[A-Za-z]\w+/|/root/[\w.]|/work/[a-z]|[A-Z]:\\Users\\\w)"
)
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bglpat-[\w-]{20,}|\bxox[abprs]-[\w-]{10,}|\bsk-[A-Za-z0-9]{32,}"
    r"|(?i:(secret|passphrase|password|api_?key|token)[\"']?\s*[:=]\s*[\"'][A-Za-z0-9+/_-]{20,}[\"'])"
    r"|[a-z]+://[^/\s:@\"'{}<>]+:[^/\s:@\"'{}<>]+@(?!host\b|example\.)"
)
BINARY = {".png", ".jpg", ".ico", ".woff2", ".parquet", ".feather", ".gz", ".npz"}


def committed():
    """Return every text file that git knows, or that lies in a released source folder."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in done.stdout.split("\0") if name]
    if not names:
        pytest.fail("git must list the files of the repository; run the tests in a clone")
    return [ROOT / name for name in names if (ROOT / name).is_file() and (ROOT / name).suffix not in BINARY]


def findings(text):
    """Return what must not be in a committed file, with its line."""
    # Hardly any file has a trace of them, and each line by itself takes four times as long.
    if not (any(word in text for word in INDEXES) or MACHINES.search(text) or SECRETS.search(text)):
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        found += [f"{number} package index: {word}" for word in INDEXES if word in line]
        found += [f"{number} machine path: {match[0]}" for match in MACHINES.finditer(line)]
        found += [f"{number} secret: {match[0][:12]}" for match in SECRETS.finditer(line)]
    return found


def test_no_committed_file_names_an_index_a_secret_or_a_machine():
    found = [
        f"{path.relative_to(ROOT)}:{finding}"
        for path in committed()
        for finding in findings(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "    # via https://" + "pypi" + ".org/simple",
        "--index" + "-url https://mirror.example/simple",
        "see /home" + "/anna/vigie/runs",
        "C:" + "\\Users\\anna\\vigie",
        "-----BEGIN RSA PRIVATE" + " KEY-----",
        'api_key = "' + "a1b2c3d4e5" * 3 + '"',
        "postgresql://anna:" + "hunter2@db.internal/vigie",
        "AKIA" + "ABCDEFGHIJKLMNOP",
    ],
)
def test_planted_findings_are_found(planted):
    assert len(findings(planted)) == 1


@pytest.mark.parametrize(
    "harmless",
    [
        "$HOME/.local/share/vigie",
        "--hash=sha256:" + "0" * 64,
        "https://www.python.org/downloads/",
        "password = os.environ['X']",
    ],
)
def test_harmless_text_is_left_alone(harmless):
    assert findings(harmless) == []


def test_nothing_generated_or_personal_is_committed():
    unwanted = re.compile(
        r"(^|/)(\.env|vigie\.toml|uv\.lock|node_modules|__pycache__|\.DS_Store|site|dist|htmlcov)(/|$)|\.pyc$"
    )
    assert [
        str(p.relative_to(ROOT)) for p in committed() if unwanted.search(p.relative_to(ROOT).as_posix())
    ] == []


def test_no_committed_file_is_large():
    # A language is one catalogue, and a catalogue grows with every text; nothing else may.
    sizes = {str(p.relative_to(ROOT)): p.stat().st_size for p in committed()}
    assert {
        name: n for name, n in sizes.items() if n > (2_000_000 if name.endswith(".po") else 1_000_000)
    } == {}
