"""Measured numbers of assets and series, for pages and programs.

gauge          the numbers of every asset, kept until their bars change
ages           how old a price may be before it is said to be old
histories      which bars of an asset are shown: of which place, how long, how fine
moment         one moment for a row and the end of a line: the price that Markets shows
moves          what moved in a span: price and funding
agreement      whether prices of one source stand where those of others do
around         prices before and after an instant
chart_lines    indicators chosen by words, as lines over or below the price
asset_facts    what sources say of one asset beside its price
deliveries     how each connector does, the one truth of all pages
series         any series: what it is, and its values as known at an instant
made           series that are computed here
greed          fear and greed as computed here, written down every hour
formula_lines  formulas over stored series
euros          amounts of dollars told in euros, each by the rate of its time
perpetuals     perpetuals across venues, in numbers that can be compared
terms          under which terms each source gives its numbers
"""
