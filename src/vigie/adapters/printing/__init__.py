"""Printing without a browser and without a library of the system.

truetype  a font read: which letters it has, and how wide they are
printable_text  a text as it can be printed; which script stands where the font has no letters
chart_svg  pictures of lines over time
typst_documents  headings, paragraphs, quotes and pictures as PDF by typst
typst_reports  reports of tables as PDF by typst
typst_calls  how the process is asked
typst_process  the process that loads typst
"""
