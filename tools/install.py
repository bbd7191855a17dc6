"""Install what a `make` target needs, once: environment, pinned packages, Vigie itself, bytecode.

    python tools/install.py run|all|test|bench

Runs on the standard library of any Python from 3.11 on. The package sets are `requirements/<set>.txt`, pinned and
hashed, without the address of any index: uv and pip use whatever index the machine is set up for. A second run
finds its own stamp and does nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

import build_assets

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
STAMP = "vigie-installed.json"
# Which environment a set lives in, and which other sets hold everything of it. Tests have one of their own: bringing
# the program's to another set would take its packages away under a desk that runs.
PLACES = {"run": ".venv", "all": ".venv", "test": ".test-venv", "bench": ".bench-venv"}
# Earlier versions installed the set of the tests beside the program: where it is there, it stays.
WIDER = {"run": ("all", "test"), "all": ("test",), "test": (), "bench": ()}
CURES = (
    ("No space left", "make room on the disk that holds this folder"),
    ("Permission denied", "run as the user who owns this folder, or clone into a folder of your own"),
    ("hash", "the index serves other files than were pinned: use an unmodified mirror, or run `make lock`"),
    ("Read-only file system", "clone into a folder that can be written"),
)
NO_INDEX = (
    "check that a package index answers; set one with PIP_INDEX_URL or pip.conf (pip), UV_DEFAULT_INDEX (uv)"
)


class InstallFailed(Exception):
    """Something could not be installed; the message holds the cause, `cure` what to do."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cure = cure


def say(text: str) -> None:
    """Tell the person what happens now."""
    print(f"vigie: {text}", flush=True)


def interpreter(place: Path) -> Path:
    """Return the Python of an environment."""
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def tool(place: Path, name: str) -> Path:
    """Return a program of an environment."""
    return place / (f"Scripts/{name}.exe" if os.name == "nt" else f"bin/{name}")


def environment() -> dict[str, str]:
    """Return the environment for installers: bytecode is written, nothing leaks in from outside the folder."""
    unwanted = (
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "PYTHONHOME",
        "VIRTUAL_ENV",
        "PIP_REQUIRE_VIRTUALENV",
    )
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def run(*command: str | Path) -> str:
    """Run a program quietly; return its output.

    Raises
    ------
    InstallFailed
        With the last lines it printed, and a cure that fits them.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError as fault:
        raise InstallFailed(
            f"{command[0]} cannot be run: {fault}", "delete the environment and run the same command"
        ) from fault
    if done.returncode == 0:
        return done.stdout
    tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
    cure = next((cure for word, cure in CURES if word.lower() in tail.lower()), NO_INDEX)
    raise InstallFailed(f"{Path(command[0]).name} ended with code {done.returncode}:\n{tail}", cure)


def fingerprint(name: str, python: str) -> str:
    """Return what an installed set depends on, as a hash."""
    digest = hashlib.sha256(f"{ROOT}\0{python}\0".encode())
    for path in (REQUIREMENTS / "bootstrap.txt", REQUIREMENTS / f"{name}.txt", ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def python_version(place: Path) -> str:
    """Return the version of an environment's Python, empty when there is none that works."""
    if not interpreter(place).exists():
        return ""
    try:
        return run(interpreter(place), "-c", "import sys; print(sys.version)").strip()
    except InstallFailed:
        return ""


def stamp_of(place: Path) -> dict[str, str]:
    """Return what was installed last in an environment."""
    try:
        found = json.loads((place / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_of_this_python(place: Path) -> bool:
    """Tell whether an environment was made by the Python that runs this, or does not say by which."""
    try:
        lines = (place / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return True
    homes = [
        words[2].strip() for words in (line.partition("=") for line in lines) if words[0].strip() == "home"
    ]
    # Inside an environment, what made it is the base.
    mine = Path(getattr(sys, "_base_executable", sys.executable)).parent
    return not homes or Path(homes[0]).resolve() == mine.resolve()


def make_environment(place: Path) -> str:
    """Make the environment if it is not there or does not work; return its Python's version.

    That of the tests follows the Python that is found: no desk runs in it, and some Pythons are slower.
    """
    version = python_version(place)
    if version and (place.name != PLACES["test"] or is_of_this_python(place)):
        return version
    say(f"making {place.name} with Python {sys.version.split()[0]}")
    try:
        venv.create(place, clear=True, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as fault:
        text = str(fault)
        cure = next(
            (cure for word, cure in CURES if word in text), "install the venv module (apt: python3-venv)"
        )
        raise InstallFailed(f"{place.name} cannot be made: {text}", cure) from fault
    return python_version(place)


def install_packages(place: Path, name: str) -> None:
    """Bring the environment to exactly the pinned set: with uv, or with pip where uv finds no index."""
    python, wanted = interpreter(place), REQUIREMENTS / f"{name}.txt"
    pip = (python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r")
    run(*pip, REQUIREMENTS / "bootstrap.txt")
    uv = (tool(place, "uv"), "pip", "sync", "--python", python, "--require-hashes", "--compile-bytecode")
    try:
        run(*uv, wanted)
    except InstallFailed as fault:
        # uv does not read pip.conf, so a machine may have an index that only pip knows.
        reason = str(fault).strip().splitlines()[-1].strip()
        say(f"uv could not install ({reason}); trying pip, which also reads pip.conf")
        run(*pip, wanted)


def install_vigie(place: Path) -> None:
    """Install the package itself from this folder, with its bytecode."""
    python = interpreter(place)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)
    run(python, "-m", "pip", "install", *options)
    run(python, "-m", "compileall", "-q", ROOT / "src" / "vigie", ROOT / "src" / "vigie_sandbox")


def node_for(place: Path) -> build_assets.Node:
    """Return the machine's node, or else one from the package index, kept beside the environment's packages."""
    beside = place / "node"
    node = build_assets.machine_node() or build_assets.wheel_node(beside)
    if node is None:
        say(
            "this machine has no node with npm; installing one beside the environment (requirements/node.txt)"
        )
        options = ("--quiet", "--no-deps", "--require-hashes", "--upgrade", "--target", beside)
        run(interpreter(place), "-m", "pip", "install", *options, "-r", REQUIREMENTS / "node.txt")
        node = build_assets.wheel_node(beside)
    if node is None:
        raise InstallFailed(
            "node from the package index does not run here", "install node 20 or later, with npm"
        )
    return node


def install_assets(place: Path, name: str) -> None:
    """Build the browser's files, unless those of the same sources are there."""
    if not build_assets.frontend(ROOT).exists():
        return
    try:
        build_assets.build(ROOT, lambda: node_for(place), with_dev=name == "test", tell=say)
    except build_assets.AssetsFailed as fault:
        raise InstallFailed(f"the browser's files: {fault}", fault.cure) from fault


def install(name: str) -> None:
    """Install a set, or find that it is there."""
    place = ROOT / PLACES[name]
    version = make_environment(place)
    stamp = stamp_of(place)
    # A wider set that is already there stays, so that `make demo` does not take away what `make test` brought.
    if stamp.get("set") in WIDER[name]:
        name = stamp["set"]
    key = fingerprint(name, version)
    if stamp == {"set": name, "key": key}:
        if name != "bench":
            install_assets(place, name)
        return
    count = sum(
        "==" in line for line in (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    )
    say(f"installing {count} pinned packages into {place.name} (requirements/{name}.txt)")
    started = time.monotonic()
    (place / STAMP).unlink(missing_ok=True)
    install_packages(place, name)
    if name != "bench":
        install_assets(place, name)
        install_vigie(place)
    (place / STAMP).write_text(json.dumps({"set": name, "key": key}), encoding="utf-8")
    say(f"installed in {time.monotonic() - started:.0f} s")


def main() -> int:
    """Read the command line; 0 when everything is there, 1 when not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", choices=sorted(PLACES))
    try:
        install(parser.parse_args().set)
    except InstallFailed as fault:
        print(f"vigie: installation failed: {fault}\nvigie: cure: {fault.cure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
