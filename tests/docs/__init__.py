"""Examples in the documentation, run."""
