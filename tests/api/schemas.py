"""What operations take and give, as programs see it: `python -m tests.api.schemas` keeps it.

It is kept anew only when a field is meant to come or to change: who calls the API depends on every one. Titles and
descriptions are texts, and names of classes are ours: both are left out.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from vigie.services.operation import operations

KEPT: Final = Path(__file__).parents[1] / "data" / "schemas-of-operations.txt"
_TEXTS: Final = ("title", "description", "$defs")


def schemas() -> dict[str, str]:
    """Return by operation and direction a digest of its schema."""
    found = {}
    for one in operations().values():
        shapes = {
            "takes": one.input_type.model_json_schema(),
            "gives": one.result_type.model_json_schema(mode="serialization"),
        }
        for way, shape in shapes.items():
            text = json.dumps(_plain(shape, shape.get("$defs", {})), sort_keys=True)
            found[f"{one.name} {way}"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found


def _plain(value: Any, defined: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_plain(one, defined) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _plain(defined[value["$ref"].rpartition("/")[2]], defined)
    # A field may be called so as well: then its value is a schema.
    return {
        name: _plain(one, defined)
        for name, one in value.items()
        if name not in _TEXTS or (name != "$defs" and isinstance(one, dict))
    }


def kept() -> dict[str, str]:
    """Return the digests that are kept."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in lines}


if __name__ == "__main__":
    KEPT.write_text("".join(f"{name} {digest}\n" for name, digest in sorted(schemas().items())), "utf-8")
