"""Printing without a browser and without a library of the system.

truetype  a font read, measured, and cut down to the letters that are used
pdf_objects  the objects of a PDF and the file that holds them
missing_glyphs  which script stands where the font has no letters
typesetting  text in lines and lines on pages
chart_strokes  pictures of lines over time
tagging   what a screen reader is told of them
pdf       the printer
typst_reports  reports as PDF by typst
typst_process  the process that loads it
"""
