"""Processes that die at every point of an order's life, at a venue that answers, loses or delays."""
