"""Build hook of the wheel: the browser's files are built into the package, so that users need Python only."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def load_builder(root: Path) -> ModuleType:
    """Return `tools/build_assets.py`, which is no package."""
    spec = importlib.util.spec_from_file_location("build_assets", root / "tools" / "build_assets.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError("tools/build_assets.py")
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its own module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class AssetsHook(BuildHookInterface[Any]):
    """Builds `src/vigie/views/web/static` before the wheel is packed."""

    PLUGIN_NAME = "assets"

    def dependencies(self) -> list[str]:
        """Ask for a node from PyPI only where the machine has none and something must be built."""
        builder = load_builder(Path(self.root))
        if builder.is_fresh(Path(self.root)) or builder.machine_node() is not None:
            return []
        return [builder.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the files; the wheel fails with cause and cure when that is impossible."""
        builder = load_builder(Path(self.root))
        try:
            builder.build(Path(self.root), builder.any_node, tell=self.app.display_info)
        except builder.AssetsFailed as fault:
            self.app.abort(f"building the browser's files failed: {fault}\ncure: {fault.cure}")
