"""Another name for `vigie_sandbox.world.server`."""

from vigie_sandbox.world.server import WorldApp, serving

__all__ = ["WorldApp", "serving"]
