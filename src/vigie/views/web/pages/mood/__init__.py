"""Mood of the market and of its news.

index     fear and greed in a word, over time, and made of its parts
page      the page, with the words of a period in one language
pictures  index and words as pictures of their own
"""
