"""A venue and a feed in one: the prices of the feed, fills by the model.

paper           histories traded on paper, step by step
paper_position  what paper's venue holds of one instrument
paper_venue     a venue and a feed in one: the feed's prices, fills by the model
"""
