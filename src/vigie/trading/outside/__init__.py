"""What a strategy reads besides its bars and parameters, and what it keeps between calls.

modules   what a strategy may import, and which of its names read from elsewhere
scan      what its source says before it is run
trespass  what it opens while it is judged in a process of its own
"""

from vigie.trading.outside.modules import cure_of
from vigie.trading.outside.scan import outside_uses
from vigie.trading.outside.trespass import watch

__all__ = ["cure_of", "outside_uses", "watch"]
