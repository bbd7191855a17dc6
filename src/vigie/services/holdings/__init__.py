"""What a person owns: lines by hand, what they are worth, and what they brought.

coin_choice      which coin a typed name or ticker means: of several nobody guesses one, state money is none
coin_origins     who issues a coin and on which chain it lives, as far as that is known
entries          a line as it is typed, to an event of the contract of holdings
day_prices       closes of days and rates: the one place where they are read
holding_book     the events of a person booked, with worth and returns, kept until events or prices change
holding_sums     what a book comes to by coin, place, issuer and chain, and how long a sale takes
holding_rows     rows and answers
tax_words        what a year's tax file says, in both languages
tax_rows         rows of that file, each beside how it came about and how sure its rule is
french_tax       a French year down to its events
tax_report       that file as a report for print
german_tax       a German year down to its lots
"""
