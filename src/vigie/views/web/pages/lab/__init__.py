"""The lab: models that learn, how they did out of sample, and how far they may go.

page      the list with the form of a training, and one model
charts    drawings of a model: calibration, account
explore   columns before any model is fitted
pictures  the same as files
"""
