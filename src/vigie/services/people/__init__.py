"""People: how they get in, what is theirs, what they keep.

accounts         how people get in, what they may change, how they leave
keeping          how long things are kept, how large they are and will be
named            what a person keeps under names of their own
ownership        whose things a caller sees
secret_words     words that nobody guesses
watched          which assets a person watches
watchlist_files  watchlists as CSV: rows to write, and what a file would change
"""
