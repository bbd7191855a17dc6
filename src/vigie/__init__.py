"""Vigie: a self-hosted watch, analysis and trading desk for crypto markets."""

__version__ = "0.1.0"
