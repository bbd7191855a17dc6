"""Models that learn from stored bars: what is read for them, and how they are judged.

column_bars       the bars of the other instruments that stand for the market
model_evaluation  one kind of model on one instrument: walk-forward, trades with costs, verdict
"""
