"""Trades that people made elsewhere, apart from what Vigie traded.

round_trips   trades made of fills, from flat to flat, by the average price
cells         what a person or a file wrote, as amounts, times and sides
markets       what a venue's symbol means here: venue, instrument and coin
file_forms    forms of files that venues export, told by their header
fill_files    fills of a file, row by row, with what cannot be read
proposals     which setups a trade may have followed
plan_proposals which plans a trade may have followed
reading       fills of an address, read page by page
outside_rows  rows of tables
"""
