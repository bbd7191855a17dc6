"""Boards of the Studio as pictures: light, in print too, with names beside lines and dashes beside colours.

page     the whole picture: head, parts in rows, foot; as SVG and PNG
chart    lines over time
table    rows of words and numbers
cloud    words in the size of how often they stand
heat     rectangles or a matrix in shades
quote    what somebody published
canvas   boxes, and words that fit them
phrases  the words that a drawing adds
"""
