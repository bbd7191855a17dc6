"""What one composes to publish: charts, tables, words and quotes on one board.

board     a board as it is drawn and exported
plan      what a person asks a board to show; boards to begin with
board_filler  a plan and what is known now make a board
series_charts  charts of On-chain and Derivatives
odds_table  what learned models say of assets
news_marks  news marked on charts of prices
alt_text  what a board shows, for who cannot see it
colours   whether lines can be told apart by all eyes
style     the house style of a person: colours, font, name, logo, number format
readability  whether colours of a house style can be read
logo      a PNG that a person sends, checked
wording   what filled parts are called
"""
