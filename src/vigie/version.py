"""The version of the package; below every floor, so that any wing may say it."""

__version__ = "0.1.0"
