"""The weekly brief: a week of news and prices in short, for the page, mails and files.

brief       what a week held: stories, prices, registers
events      items of one event together, whatever stories they were put into
prices      what the assets that a reader watches cost at the end of a week
chart       the chart of a week, as a picture and in words
words       what it says, in both languages
page        what it says, section by section; it as text, and on paper
html        it as a page of its own
schedule    when it is due to whom asked for it every week
"""
