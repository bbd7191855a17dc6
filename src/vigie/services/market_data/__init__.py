"""Measured numbers of assets and series, for pages and programs.

asset_history  which bars of an asset are shown: of which place, how long, how fine
current_prices  one moment for a row and the end of a line: the price that Markets shows
price_moves    what moved in a span: price and funding; prices before and after an instant
tracked_series  what is looked at for unusual changes
own_past       figures against their own past
asset_closes   closes of an asset by day, for what needs years of them
valuations     stretched or depressed: valuations from stored closes and facts
price_agreement  whether prices of one source stand where those of others do
indicator_lines  indicators chosen by words, as lines over or below the price
asset_facts    what sources say of one asset beside its price
connector_summary  how each connector does, the one truth of all pages
series         any series: what it is, and its values as known at an instant
derived_measures  series that are computed here
fear_greed     fear and greed as computed here, written down every hour
newcomers  new coins and pools with what speaks against them
daily_prices   what a coin cost at the end of each day and what a currency was worth, and who says so
euros          amounts of dollars told in euros, each by the rate of its time
derivatives_rows  the rows of tables on derivatives
perpetuals     perpetuals across venues, in numbers that can be compared
licence_terms  under which terms each source gives its numbers
onchain        formulas over stored series; the rows of tables on on-chain figures
"""
