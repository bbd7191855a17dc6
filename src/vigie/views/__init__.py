"""Thin doors: they read what was asked, call an operation, and show its result.

cli         the command line
web         pages in a browser
api         the same operations for programs
boards      boards of the Studio as pictures
publishing  boards of the Studio as files
"""
