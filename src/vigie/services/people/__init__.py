"""People: how they get in, what is theirs, what they keep.

accounts         how people get in, what they may change, how they leave
retention        how long things are kept, how large they are and will be
saved_searches   what a person keeps under names of their own
ownership        whose things a caller sees
random_tokens    words that nobody guesses
watched_assets   which assets a person watches
watchlist_files  watchlists as CSV: rows to write, and what a file would change
"""
