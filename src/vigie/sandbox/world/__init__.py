"""Another name for `vigie_sandbox.world`.

server   serves a world over HTTP
world    the simulated world
"""
