"""Lighthouse over a demonstration whose market stands still; `make lighthouse`."""
