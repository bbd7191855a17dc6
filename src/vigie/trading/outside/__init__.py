"""What a strategy reads besides its bars and parameters, and what it keeps between calls.

modules   what a strategy may import, and which of its names read from elsewhere
scan      what its source says before it is run
runtime_watch  what it opens while it is judged in a process of its own
"""

from vigie.trading.outside.modules import install_hint
from vigie.trading.outside.runtime_watch import watch_process
from vigie.trading.outside.scan import outside_uses

__all__ = ["install_hint", "outside_uses", "watch_process"]
