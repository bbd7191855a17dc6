"""One asset, and several beside one another.

page        an asset: price, verdict, chart, figures, bars
comparison  several assets on one chart
chart_events  news marked on the chart, and what happened in a span
quote       what a venue quotes now, and a cited price
charts      their drawings
pictures    the same as files
valuation   stretched or depressed, and what followed
odds        what its newest promoted model says
words       what charts are called and what they show
"""
