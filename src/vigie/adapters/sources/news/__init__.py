"""Sources of news: what they are lies in lists beside, how their feeds are read in these files.

listing     the lists: shipped.toml, and simulated.toml for the simulated world
own_feeds   sources of one's own: a file each in the home folder
feed_trials  asking an address once that somebody wants to add
feed        asking one source: only what changed, within limits, redirects inside its site
reread      kept answers, read once more as this program reads them now
readers     which reader reads which kind
source_response  one answer, with what its reader needs to know
parsing     RSS, RDF, Atom and JSON Feed as sightings; what is no item is refused with its reason
pages       pages without a feed: lists whose rows are items, texts whose changes are
calendars   pages that state dates beforehand
json_lists  JSON whose entries lie somewhere
register    registers in files of rows, and what became different
warning_feed  lists of warnings in feeds of what came newest
newsletters  newsletters in a mail folder, by IMAP
mailboxes   how a mailbox is reached, and what it may be
edgar       filings that EDGAR's full-text search finds
page_dates  dates that only the page of an article states
tree        a page as a tree, and what a selector picks
decoding    bytes as text where nobody says how they are written
cleaning    markup, control characters and addresses made harmless
dates       the dates that feeds write
day_order   in which order a source writes day and month
"""
