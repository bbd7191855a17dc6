"""The five scenes of a demonstration, as our own code finds them."""
