"""Boards of the Studio as files: a picture, a page to embed, and the numbers behind every part.

twins   each part as a table that says the same
sheets  those tables as CSV and XLSX
embed   one page without script that holds the picture and the tables
forms   which files there are, and what they are called
"""
