"""What Vigie needs from outside, as Protocols, one a file; adapters fulfil them, `bootstrap` chooses.

clock        what time it is, on the market and on the wall, and how to wait
store        bars at rest
quarantine   rows that were refused, kept with the reason
bookmarks    how far a fetch has come
instruments  versions of the venues' rules
venue        the public history of a venue
"""
