"""Applies the tables of `tools/renames`: names of the package by scope and type, in code, tests, texts and documents.

`rows` reads tables, `sources`, `names` and `scopes` say where each name of a file stands and whose it is, `program`
what it means across files, `meaning` and `evidence` what mypy knows of types, `guesses` and `shadows` what tests leave
out of them, `occurrences` where a symbol stands, `families` what is renamed together, `outside` what is known by its
name elsewhere, `collisions` where a new name meets another, `plan` which rows are applied, `texts` and `templates` what
changes besides code, `apply` makes the edits.
"""
