"""Boards of the Studio as files: pictures, an embed, and the numbers behind every part.

part_tables  each part as a table that says the same
rounding  numbers as far as they mean something, by their unit
csv_files  those tables as CSV, one file each, in a ZIP
workbook  the same as XLSX, with charts that spreadsheets draw
webfont   the shipped font cut to the letters of a file
embed     what is pasted into an article, a page for a frame, the picture as SVG; no script, nothing loaded
forms     which files there are, and what they are called
"""
