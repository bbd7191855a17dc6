"""News items: their revisions, what was found in them, and how they are found again.

tables     what is kept
store      taking what a fetch showed: new items, revisions, withdrawals, unreadable entries, states of sources
rows       rows as records
reading    what waits to be read, and what steps found
glancing   a few columns of many items, for lists that rank and count
searching  lists by filters and by words, alike on both databases
joining    stories that end in another one, whose items are of the kept one since
"""
