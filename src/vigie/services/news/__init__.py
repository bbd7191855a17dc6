"""News between the stores and the steps of reading.

item_reader  the runner of steps: what waits is read, stored, told to the rules of alerts
read_items  what reading an item gave
reading     what tables and pages of news and of entities read, as records
window      what was seen before an item, as it was known then
publishers  what is known of a source without reading it
shared_owners  sources of one's own that publish the same
registers   what a public register is called and what standing on it means
ending      when a licence ended, as its register states it
warnings    what lists of warnings say of whom items name
punctuality  how complete sources are and how late
opml        lists of feeds as readers exchange them
story_summary  a story from its items: headline, spread, summary, contradictions
story_loading  all items of a story, the same ones wherever they are counted
story_ids   under which id a story goes on that ended in another one
naming      whom an id stands for, as the house reads names
proposals   names that no list has and several publishers used
profile     how items about an entity sound, and whom they name beside it
mood        how the news sound, written down as it is known
llm_sentiment  sentiment as a language model of one's own hears it
own_model   a model of sentiment fitted to one's own labels, in place of ours
first_seen  when stories about an asset were first seen
first_sights  writes down when emerging coins were first seen, and which outlet reported first
sight_rules  what a table of them shows first, and which items report on them
leads       how far ahead of the press that is
raw         the bytes of a raw document, as they were fetched
evidence_bundle  the evidence of one item in one file, with a hash of everything
evidence_check  whether such a file is whole
brief       a week of news in short: contents, chart, page, mail, schedule
reasons     why each step found what it found, in plain words
reason_words  these words, in both languages
quoting     the marks around words of others, and in which language they are
item_links  where a click on an item leads
story_rows  the rows of tables on stories
entity_rows  the rows of tables on entities
item_rows   an item as pages, programs and the command line show it
"""
