"""Charts drawn by the server: arrays and labels in, SVG text out, and PNG without a browser.

scale      values and times to places on a chart, with round marks in the reader's language and zone
decimals   how many decimals numbers have, by their size and how far a column's lie apart
frame      what every chart has: title, description, grid, marks, source and time; themes of exports
sparkline  a small line beside a number
lines      up to eight lines over time
candles    bars as candles with volume and lines over them
marks      moments at the foot of a chart
treemap    areas as coloured rectangles
heatmap    a matrix as coloured squares
cloud      words in the size of how often they stand
board      boards of the Studio as pictures
raster     SVG to PNG with the shipped fonts
"""
