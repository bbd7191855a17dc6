"""Thin doors: they read what was asked, call an operation, and show its result.

cli  the command line
"""
