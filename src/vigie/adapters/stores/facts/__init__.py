"""Facts in files: a hot tail of lines, sealed Parquet per topic and month, and the tables of sources.

store      the fact store over all of them
tail       what was observed since the last sealing, line by line
sealed     what was sealed, and the newest value of every sealed series
documents  tables as sources gave them
"""
