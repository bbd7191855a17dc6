"""The Compose file of a release: every image by its digest, Vigie's own the published one in place of a build.

Usage: python tools/pin_images.py deploy/compose.yml ghcr.io/OWNER/NAME:v1.2.3@sha256:... >compose.yml
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_IMAGE = re.compile(r"(?m)^(\s+image: )(\S+)$")
_OWN = "${VIGIE_IMAGE:-vigie:local}"
# The key and the deeper lines below it.
_BUILD = re.compile(r"(?m)^  build:\n(?:    .*\n)+")


def pinned(text: str, own: str, digest_of: Callable[[str], str]) -> str:
    """Return a Compose file with a digest behind every image.

    Parameters
    ----------
    text : str
        The Compose file of the repository.
    own : str
        Vigie's published image with its digest.
    digest_of : callable
        Returns the digest that a registry has for a name and version.

    Raises
    ------
    ValueError
        If an image would be left without a digest.
    """
    if text.count(_OWN) != 1 or len(_BUILD.findall(text)) != 1:
        raise ValueError(f"the file must name {_OWN} and its build once")

    def with_digest(found: re.Match[str]) -> str:
        name = found[2]
        full = "${VIGIE_IMAGE:-" + own + "}" if name == _OWN else f"{name}@{digest_of(name)}"
        if not _DIGEST.fullmatch(full.rstrip("}").rpartition("@")[2]):
            raise ValueError(f"{name} has no digest: {full}")
        return found[1] + full

    return _IMAGE.sub(with_digest, _BUILD.sub("", text))


def registry_digest(image: str) -> str:
    """Return the digest that the registry has for an image now, of all its platforms together."""
    done = subprocess.run(
        ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest}}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return str(json.loads(done.stdout)["digest"])


def main(words: Sequence[str]) -> None:
    """Write the pinned file to standard output."""
    compose, own = words
    sys.stdout.write(pinned(Path(compose).read_text(encoding="utf-8"), own, registry_digest))


if __name__ == "__main__":
    main(sys.argv[1:])
