"""News between the stores and the steps of reading.

analysis    reading items: the runner of steps, what it keeps, why each step found what it found
entities    whom news name: names, registers, warnings, profiles
brief       a week of news in short: contents, chart, page, mail, schedule
publishers  what is known of a source without reading it; sources of one's own with one owner
punctuality  how complete sources are and how late
opml        lists of feeds as readers exchange them
story_summary  a story from its items: headline, spread, summary, contradictions
story_loading  all items of a story, and under which id it goes on
first_seen  when stories about an asset were first seen
first_sightings  when emerging coins were first seen, which outlet reported first, and how far ahead that was
evidence_bundle  the evidence of one item in one file, with a hash of everything
evidence_check  whether such a file is whole
regulation_dates  dates of regulation that are known beforehand
quoting     the marks around words of others, and in which language they are
news_rows   items and stories as pages, programs and the command line show them; where a click leads
"""
