"""One file a person can open anywhere: what a run did, why, what it cost, and whether to believe it.

notes      what the caller adds to a run: `ReportNotes`, `ReportChange`
render     a run and its notes as one HTML file: `render_report`
payload    what the file carries for drawing and filtering
curves     equity, buy and hold and drawdown with few points that keep every extreme
excerpts   the bars around every trade, packed
drawings   the account over time, and its months
cells      cells of the tables: text, colour, order
tables     rows of the tables
refusals   why entries were refused
sections   sentences, tiles, verdict, costs
numbers    numbers, times and prices as a language writes them
texts      every sentence, once a language
"""

from vigie.research.report.notes import ReportChange, ReportNotes
from vigie.research.report.render import render_report

__all__ = ["ReportChange", "ReportNotes", "render_report"]
