"""Portfolio: what a person owns, what it is worth, what it brought.

page    the page and what its forms do
words   what figures, codes and shares say, a sentence each
gain_words  how the gain of the headline adds up
charts  the worth over time
tax     the tax file of a year
letter  a week or a month in sentences
event_words  what happened to coins, in words
reported  statements of platforms beside own lines
happened  what prices of coins that are held did in seven days
files   files of exchanges and wallets: preview, questions, confirm
file_columns  which column of a file is which
file_fields   fields that say how a file is meant
addresses   addresses of wallets: who would see them, consent, and what lies there
"""
