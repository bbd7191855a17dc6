"""Thin doors: they read what was asked, call an operation, and show its result.

cli         the command line
web         pages in a browser
api         the same operations for programs
drawing     charts as SVG and PNG, for pages and files
publishing  boards of the Studio as files
"""
