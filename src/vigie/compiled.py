"""Where compiled code is kept on disk: one folder a state of the kernel sources.

numba's own check misses a changed callee in another file, so the folder is named by a hash of every source
that compiled code may come from. Called once by each package that compiles, before anything is compiled.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache, partial, wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

# Options of `njit` for functions that only read and write arrays of their caller: nothing is allocated, so no
# references are counted. Counting them took up to two thirds of a loop's time.
BORROWING: Final[dict[str, Any]] = {"cache": True, "nogil": True, "_nrt": False}
# Options for the small functions of the kernel: they are written into their callers before anything is compiled,
# which takes a tenth off the first run. Called from Python they are compiled on their own.
INLINED: Final[dict[str, Any]] = {"cache": True, "nogil": True, "inline": "always"}
_SOURCES = ("vigie/domain", "vigie/quant", "vigie/trading", "vigie/engine", "vigie_sandbox")


@cache
def source_hash() -> str:
    """Return a short hash of all sources that compiled code may come from, read once a process."""
    root = os.path.dirname(os.path.dirname(__file__))
    digest = hashlib.sha256()
    for package in _SOURCES:
        paths = []
        for folder, _, names in os.walk(os.path.join(root, package)):
            paths += [os.path.join(folder, name) for name in names if name.endswith(".py")]
        for path in sorted(paths):
            digest.update(os.path.relpath(path, root).replace(os.sep, "/").encode())
            with open(path, "rb", buffering=0) as file:
                digest.update(file.read())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder for compiled code of exactly these sources."""
    configured = os.environ.get("VIGIE_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    if configured:
        base = Path(configured)
    else:
        import platformdirs  # third party, only needed here

        base = Path(platformdirs.user_cache_dir("vigie", appauthor=False)) / "compiled"
    return base if base.name.startswith("kernel-") else base / f"kernel-{source_hash()}"


def writable_folder(name: str) -> Path | None:
    """Return a folder beside the compiled code, made if need be; None where nothing can be written."""
    folder = cache_folder().parent / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def prepare() -> Path:
    """Point numba at the folder of these sources; idempotent; return the folder."""
    folder = cache_folder()
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    numba = sys.modules.get("numba")
    if numba is not None:
        numba.config.CACHE_DIR = str(folder)
    return folder


def load_compiler() -> None:
    """Load the parts of numba that look for BLAS and for C libraries without SciPy and cffi being loaded for them.

    Where SciPy is installed (the extra ``ml`` brings it), numba loads all of its linear algebra to see whether it is
    there: a tenth of what a command takes to start. Nothing here multiplies matrices in compiled code. So it is with
    cffi, which other packages bring, and whose parser of C nothing here calls from compiled code.
    """
    _load_without("scipy.linalg.cython_blas", "numba.np.arraymath")
    _load_without("cffi", "numba.core.typing.cffi_utils")


def load_kept_code_alone() -> None:
    """Let code that is kept on disk be loaded without what only compiling needs.

    Before it looks for kept code, numba loads and declares all functions that it can compile: an eighth of a backtest
    with filled caches. The compiler declares them itself before it compiles; what the loaded code calls is there
    without. Where nothing is kept, the compiler is loaded as `load_compiler` does.
    """
    cache_class = import_module("numba.core.caching").Cache
    if not hasattr(cache_class.load_overload, "__wrapped__"):
        cache_class.load_overload = _loading_alone(cache_class.load_overload)
        _keep_inlined_forms_packed(import_module("numba.core.codegen").CPUCodeLibrary)


def _loading_alone(load: Callable[..., object]) -> Callable[..., object]:
    runtime = import_module("numba.core.runtime").rtsys
    # Makes known where the secret of hashes lies, which kept code may read.
    import_module("numba.cpython.hashing")

    @wraps(load)
    def load_alone(cache: object, sig: object, target_context: object) -> object:
        # Called under the compiler's lock; the attribute hides the method of the class until it is deleted.
        vars(target_context)["refresh"] = partial(runtime.initialize, target_context)
        try:
            kept = load(cache, sig, target_context)
        finally:
            del vars(target_context)["refresh"]
        if kept is None:
            load_compiler()
        return kept

    return load_alone


def _keep_inlined_forms_packed(library_class: type) -> None:
    """Have loaded code keep the form that is written into its callers as bytes, until one is compiled here.

    Unpacked, what a backtest and an account run takes 6 MB of each process, and nearly none of them compiles.
    """
    unserialize = vars(library_class)["_unserialize"].__func__
    link = vars(library_class)["_get_module_for_linking"]
    packed: WeakKeyDictionary[object, bytes] = WeakKeyDictionary()

    def load_packed(cls: object, codegen: object, state: tuple[str, str, tuple[bytes, bytes]]) -> object:
        library = unserialize(cls, codegen, state)
        if state[1] == "object":
            library._shared_module.close()
            library._shared_module = None
            packed[library] = state[2][1]
        return library

    @wraps(link)
    def unpack_for_linking(library: object) -> object:
        if library in packed:
            parse = import_module("llvmlite.binding").parse_bitcode
            vars(library)["_shared_module"] = parse(packed[library])
            del packed[library]
        return link(library)

    packing = {"_unserialize": classmethod(load_packed), "_get_module_for_linking": unpack_for_linking}
    for name, method in packing.items():
        setattr(library_class, name, method)


def _load_without(missing: str, module: str) -> None:
    if module in sys.modules or missing in sys.modules:
        return
    sys.modules[missing] = None  # type: ignore[assignment]  # Python's own word for "there is none"
    try:
        import_module(module)
    finally:
        del sys.modules[missing]
