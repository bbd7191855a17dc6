"""What steps of reading share: words with their places, numbers, addresses, and how near two texts are.

words      the words of a text with their places; how they are compared
numbers    what a text counts, the same however each language writes it
addresses  one form of an article's address
named      whom earlier steps found named in an item
shelf      what was seen lately, kept so that the nearest is found at once
"""
