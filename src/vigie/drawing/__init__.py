"""Charts drawn by the server: arrays and labels in, SVG text out, and PNG without a browser.

scale      values and times to places on a chart, with round marks in the reader's language and zone
steps      round steps between the marks of an axis
decimals   how many decimals numbers have, by their size and how far a column's lie apart
frame      what every chart has: title, description, grid, marks, source and time; themes of exports
sparkline  a small line beside a number
setup_sketch  the newest bars with entry, stop and target, small
lines      up to eight lines over time
candles    bars as candles with volume and lines over them
marks      moments at the foot of a chart
points     numbers on a chart, where sentences beside it belong to
treemap    areas as coloured rectangles
histogram  how often values lie in each of some ranges
calibration  predicted probabilities against what came
ranked_bars  named values as bars from zero
heatmap    a matrix as coloured squares
cloud      words in the size of how often they stand
curves     curves of a report, which is read without a script
week       lines of a week for mails
score_map  scores over two parameters
text_metrics  how wide words are in the shipped font
raster     SVG to PNG with the shipped fonts
"""
