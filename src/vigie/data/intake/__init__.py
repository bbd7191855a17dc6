"""Files of others.

names      what a file is called: venue, instrument, timeframe
columns    what its columns are called
form       what a person says about it: columns, time zone, date format, decimals
exporters  files of known programs and exchanges, by their header
times      seconds, milliseconds, microseconds or ISO text
zones      local times as UTC
numbers    decimal points and commas, thousands apart
packed     gzip and zip, to a bound
tables     Parquet, feather and JSON
layout     separator, header and columns of a text
text       CSV, with and without header
lines      CSV line by line: quotes, decimal commas, times in two columns
reader     any file in, raw rows out
preview    three rows as they are understood, and what cannot be read
"""
