"""The list of programs that may run unattended in a home: strategies and sources by the hash of their content.

The list is never part of a backup, so that a restored home runs what was allowed here and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from vigie.adapters.stores.files import lock_folder, make_private_folder, write_atomically
from vigie.adapters.stores.program_folders import digest_files, read_folder
from vigie.domain.errors import ConfigError, NotFound
from vigie.ports.programs import Program

FOLDER: Final = "programs"
# Below the home folder: plug-ins, a folder each, allowed as a whole.
PLUGINS: Final = "plugins"
FILE: Final = "allowed.json"
_FORMAT: Final = 1
_SUFFIX: Final = ".py"


class AllowedPrograms:
    """The programs of a home; fulfils `vigie.ports.programs.Programs`.

    Parameters
    ----------
    home : Path
        The home folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / FOLDER / FILE

    def is_listed(self) -> bool:
        """Tell whether the home has a list of allowed programs yet."""
        return self._path.is_file()

    def list_programs(self) -> list[Program]:
        """Return every program that lies in the home, by name; nothing is run."""
        allowed = self._read_allowed()
        return [
            Program(name, digest, allowed.get(name) == digest)
            for name, digest in sorted(
                (name, _hash_content(path.read_bytes())) for name, path in self._list_files()
            )
        ]

    def is_allowed(self, name: str, content: bytes) -> bool:
        """Tell whether this content may run under this name; the list is read anew each time.

        A file of a plug-in may run as one of the very files that were allowed together.
        """
        allowed = self._read_allowed()
        parts = name.split("/")
        if parts[0] != PLUGINS or len(parts) < 3:
            return allowed.get(name) == _hash_content(content)
        try:
            files = read_folder(self._home / PLUGINS / parts[1])
        except ConfigError:
            return False
        files["/".join(parts[2:])] = content
        return allowed.get("/".join(parts[:2])) == digest_files(files)

    def allowed_digest(self, name: str) -> str:
        """Return the hash that is allowed under a name; empty where none is."""
        return self._read_allowed().get(name, "")

    def allow_digests(self, digests: Mapping[str, str]) -> None:
        """Allow one content under each of several names, all together."""
        self._change(digests)

    def allow(self, names: Collection[str]) -> list[Program]:
        """Allow programs with the content that they have now, and return them.

        Raises
        ------
        NotFound
            If there is no program of a name; nothing is allowed then.
        """
        path_by_name = dict(self._list_files())
        for name in names:
            if name not in path_by_name:
                existing = ", ".join(path_by_name) or "there is none"
                raise NotFound(
                    "no_program",
                    "there is no program {name}; programs of this home: {existing}",
                    name=name,
                    existing=existing,
                )
        digests = {name: _hash_content(path_by_name[name].read_bytes()) for name in names}
        self._change({**digests})
        return [Program(name, digest, True) for name, digest in sorted(digests.items())]

    def forbid(self, names: Collection[str]) -> None:
        """Take programs off the list."""
        self._change(dict.fromkeys(names))

    def _change(self, digests: Mapping[str, str | None]) -> None:
        make_private_folder(self._path.parent)
        with lock_folder(self._path.parent):
            merged = {**self._read_allowed(), **digests}
            allowed = {name: digest for name, digest in sorted(merged.items()) if digest is not None}
            if not self.is_listed() or allowed != self._read_allowed():
                content = json.dumps({"format": _FORMAT, "allowed": allowed}, indent=1).encode()
                write_atomically(self._path, content, is_private=True)

    def _read_allowed(self) -> dict[str, str]:
        try:
            content = json.loads(self._path.read_text("utf-8"))
            # Of another format nothing is known.
            allowed: dict[str, object] = {_FORMAT: content["allowed"]}[content["format"]]
            return {str(name): str(digest) for name, digest in allowed.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise ConfigError(
                "not_valid_list_allowed_programs",
                "{path} is not a valid list of allowed programs ({fault}); remove it, then allow "
                "them again: vigie programs allow",
                path=self._path,
                fault=fault,
            ) from fault

    def _list_files(self) -> Iterator[tuple[str, Path]]:
        for folder in self._list_folders():
            for path in sorted(folder.rglob(f"*{_SUFFIX}")):
                if path.is_file() and "__pycache__" not in path.parts:
                    yield path.relative_to(self._home).as_posix(), path

    def _list_folders(self) -> Iterator[Path]:
        # A folder of a source may be a link, which a search from above does not follow.
        sources = self._home / "sources"
        yield self._home / "strategies"
        if sources.is_dir():
            yield from (path for path in sorted(sources.iterdir()) if path.is_dir())


def _hash_content(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
