"""A simulated news flow on the world's clock: who publishes, what happens, who writes about it, and how it is served.

outlets   a regulator, an office without a feed, six outlets of two languages, an aggregator
grammar   templates of events and the names in them
news_requests  what is asked for by hand
facts     what is true of an event, and how each language says it
events    what happens: by plan, after moves of the market, around scenes, by hand
scene_news  what is published about scenes, and as a part of them
licences  the regulator's register of providers, which changes
coverage  who writes about an event when: with delays, copies, a wrong figure, its correction
archive   everything published so far
articles  title, teaser and paragraphs of a piece as they read at a time
feeds     RSS 2.0, Atom and JSON Feed
pages     articles, front pages, the page without a feed
other_sources  a video channel, a community, filings, announcements, a page of text
newsletters  newsletters of two outlets, as mail and as pages
newsroom  what its hosts answer over HTTP
"""
