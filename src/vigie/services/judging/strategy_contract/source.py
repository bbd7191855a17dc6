"""What a strategy's source says before it is run; every run asks the same of a person's own files."""

from vigie.trading.outside import outside_uses

__all__ = ["outside_uses"]
