"""Printing without a browser and without a library of the system.

truetype  a font read, measured, and cut down to the letters that are used
objects   the objects of a PDF and the file that holds them
missing   which script stands where the font has no letters
setting   text in lines and lines on pages
drawn     pictures of lines over time
tagging   what a screen reader is told of them
pdf       the printer
"""
