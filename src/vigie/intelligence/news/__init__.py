"""What news mean: small pure steps from an item to what it says, about whom, and how far it can be believed.

gazetteer  who and what is named: lists of entities, and where they stand in a text
judging    how headlines sound, what they are about, and what speaks against believing them
reading    what steps share: words, numbers, addresses, likeness
word_cache  what is known of a word, remembered
cloud      words of a period against their own usual
filler     words of headlines that name nothing
topic_discovery  topics that nobody named, from the words headlines share
mood       how the news sound as numbers, at an instant
facts      amounts, dates, names and verbs of a text, compared with those of another
release_check  whether the release of a story says what an item of it does
firms      names of firms as registers write them
warning_matches  firms on lists of warnings, found where an item names them or leads to them
item_outcomes  what became of items, and what that says of their sources
stems      words as they are searched for
known_dates  dates of regulation and of central banks that are known beforehand
registry   which steps there are, and their order
step       what a step is, and what it may look at
steps      the steps, a file each
"""
