"""How well news are read: names, copies, stories, languages, and how long that takes.

    python -m benchmarks.news [--write]

archive    headlines of the shared archive in the order of their publication, as items
copies     reworded copies of them are found, and what is found is a copy
linking    names are linked to whom they mean
names      names in public headlines are found, as two readers marked them
telling    events are one story in any words, and languages are told apart
newsroom   stories of the simulated newsroom are one event each
pace       how long all steps take, beside a yardstick of the same run
finding    searches among 100,000 items on both databases
page       sections of docs/news-figures.md, each written by what measures it
letters    counts groups of three letters in the project's own texts in two languages
train      fits the models of sentiment and topics
judged      how well sentiment, regulation and imitated domains are told; the model's card
judged_page the sections that it writes
measures    figures of labels with their intervals
service_level from a feed that changed to an accepted mail, 200 sources
service_world the feeds and the mail server that it asks
"""
