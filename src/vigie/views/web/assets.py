"""Built scripts, styles and fonts: found by plain name, served under hashed names, compressed beforehand."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from vigie.domain.errors import ConfigError

FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
}
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
FOREVER: Final = "public, max-age=31536000, immutable"


@cache
def manifest() -> dict[str, str]:
    """Return the hashed name of each built file.

    Raises
    ------
    ConfigError
        If the assets were not built; the message names the cure.
    """
    try:
        names = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError("scripts and styles are not built; run `python tools/build_assets.py`") from None
    return {str(name): str(hashed) for name, hashed in names.items()}


def address(name: str) -> str:
    """Return the address of a built file, ``/static/main.1a2b3c.js``."""
    return f"/static/{manifest()[name]}"


async def serve(request: Request) -> Response:
    """Serve a built file in the smallest form the browser takes."""
    name = request.path_params["name"]
    if "\0" in name:
        raise HTTPException(404)
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER.resolve()) or path.suffix not in _TYPES or not path.is_file():
        raise HTTPException(404)
    headers = {
        "Cache-Control": FOREVER if name in manifest().values() else "no-cache",
        "Vary": "Accept-Encoding",
    }
    accepted = request.headers.get("accept-encoding", "")
    for encoding, suffix in _ENCODINGS:
        compressed = path.with_name(path.name + suffix)
        if encoding in accepted and compressed.is_file():
            # Named here, so that the compressing middleware leaves it alone.
            return FileResponse(
                compressed, media_type=_TYPES[path.suffix], headers={**headers, "Content-Encoding": encoding}
            )
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)
