"""What a person owns: lines by hand, what they are worth, and what they brought.

coin_choice      which coin a typed name or ticker means: of several nobody guesses one, state money is none
coin_origins     who issues a coin and on which chain it lives, as far as that is known
entries          a line as it is typed, to an event of the contract of holdings
typed_values     numbers and days as readers of a language type them
file_drafts      what a row of a file says: what was given, received and paid
file_table       a CSV file as rows with their lines; numbers and times as one file writes them
file_cells       how files write numbers, currencies and days in a cell
file_marks       the decimal mark and the order of days of a file, where its cells leave no doubt
file_choices     how a file is meant, kept for the next one with the same headers
kind_words       words for kinds of events in files of one's own, English and French
file_rows        what is said of a file before it enters and after
file_secrets     a file with a seed phrase or a private key is refused whole
file_reader      what a reader of files is, and the refusals that readers share
file_readers     which reader a file is for, and the drafts of its rows
column_words     which headers of files of one's own are evident
own_columns      the reader of a file of one's own, by a map of its columns
reported_file    a yearly statement of a platform as rows
reported_xml     the same from XML in the CARF schema
reported_words   what a reconciliation says, in both languages
reported_rows    its rows: reported and own figures, and the lines behind them
event_money      the money and the fee that a kept event says
file_checks      what is to be known of new rows: amounts far from the day's price, rows like a kept line
notice_text      what is to be known of a line, with days and numbers of its reader
file_ids         ids of its rows: the same row in two files is one, two that share a venue's id are two
file_events      drafts to events: which coin a ticker means, and what kind it was
readers          readers of files that venues and wallets export, a file each
transfer_pairs   what left and what arrived that may be one transfer, and what they say joined
account_money    what trading accounts of this home earned and paid, from their stored statements; no holdings
day_prices       closes of days and rates: the one place where they are read
chain_addresses  addresses of chains: what a text is, which host would see it, and what it says lies there
holding_book     the events of a person booked, with worth and returns, kept until events or prices change
holding_sums     what a book comes to by coin, place, issuer and chain, and how long a sale takes
holding_rows     rows and answers
holding_account_rows  rows of trading accounts that stand beside holdings
own_lots         which lots leave first: the settings of a person
own_limits       from which share of the worth a person is warned
tax_words        what a year's tax file says, in both languages
tax_rows         rows of that file, each beside how it came about and how sure its rule is
tax_openings     what a person carries into it from before, kept by year
french_tax       a French year down to its events
tax_report       that file as a report for print
german_tax       a German year down to its lots
letter_making    a letter of the book, the valuations and the dates that are known
money_columns    columns of tables whose money has a currency
simulated_mark   the mark of a simulated home on each page of a report
terminal_words   what tables of holdings say in a terminal
letter_words     what a letter about holdings says, in both languages
letter_rows      its sentences, each with its figure and where it leads
letter_report    that letter as a report for print, and as plain text
"""
