"""People: how they get in, what is theirs, what they keep.

accounts         how people get in, what they may change, how they leave
saved_searches   what a person keeps under names of their own
ownership        whose things a caller sees: results of runs, watched assets
watchlist_files  watchlists as CSV: rows to write, and what a file would change
"""
