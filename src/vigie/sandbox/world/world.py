"""Another name for `vigie_sandbox.world.world`."""

from vigie_sandbox.world.world import World

__all__ = ["World"]
