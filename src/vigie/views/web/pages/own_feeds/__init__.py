"""Sources of news of one's own: add, change, pause, remove, lists of other readers.

page   what it shows and what its forms do
words  kinds and paces in the visitor's language
"""
