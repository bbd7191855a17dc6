"""How well news are read: names, copies, stories, languages, and how long that takes.

    python -m benchmarks.news [--write]

letters  counts groups of three letters in the project's own texts in two languages
"""
