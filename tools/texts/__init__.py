"""Apply the tables of planned texts; see `apply.py` for how it is run.

`rows` reads a table, `tree` holds files and their edits, `catalogues` the ``.po`` files, `literals` the texts of Python
and `writing` how they are written again, `templates` those of Jinja, `keyed` those of TOML, CSV and TypeScript.
`uses` knows where a text stands, `planned` decides about rows of catalogues, `places` about rows that name a file,
`refusals` about what operations refuse, `quoting` finds tests and documents that quote a text.
"""
