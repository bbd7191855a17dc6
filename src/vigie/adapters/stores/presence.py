"""Who uses a home: a long process says that it is there, and what needs the home for itself finds that out.

Many may be there at once. The word ends with the process, however it ends. Windows has no such lock: there nobody
is found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vigie.adapters.stores.files import make_private_folder
from vigie.domain.errors import StorageError, UsageError
from vigie.locks import try_acquire

# Below the home folder, where backups do not look.
PRESENCE_FILE: Final = Path("logs") / "present"


# libpq tells the server this name, so that who looks from another machine finds it, too.
APP_NAME_VARIABLE: Final = "PGAPPNAME"


@contextmanager
def use_home(home: Path, part: str = "") -> Iterator[int]:
    """Be there until the block ends; a part, ``serve``, is told to PostgreSQL as well.

    Gives the number of the locked file.

    Raises
    ------
    UsageError
        If somebody needs the home for themselves at the moment.
    StorageError
        If the folder cannot be written.
    """
    path = home / PRESENCE_FILE
    try:
        make_private_folder(path.parent)
        file = path.open("a+b")
    except OSError as fault:
        raise StorageError(
            f"{path} could not be written: {fault.strerror or fault}; set VIGIE_HOME to a folder of yours"
        ) from fault
    with file:
        if not try_acquire(file, is_shared=True):
            raise UsageError(f"{home} is being restored or upgraded; start again when that is done")
        with _set_app_name(f"vigie-{part}" if part else ""):
            yield file.fileno()


@contextmanager
def _set_app_name(name: str) -> Iterator[None]:
    former = os.environ.get(APP_NAME_VARIABLE)
    if name:
        os.environ[APP_NAME_VARIABLE] = name
    try:
        yield
    finally:
        if name:
            os.environ.pop(APP_NAME_VARIABLE)
        if former is not None:
            os.environ[APP_NAME_VARIABLE] = former


@contextmanager
def use_home_alone(home: Path) -> Iterator[None]:
    """Have a home for oneself until the block ends; nothing is made where there is no home yet.

    Raises
    ------
    UsageError
        If somebody is there.
    """
    path = home / PRESENCE_FILE
    if not path.exists():
        yield
        return
    with path.open("a+b") as file:
        if not try_acquire(file):
            raise UsageError(f"Vigie runs in {home}; stop it first, with all its parts")
        yield
