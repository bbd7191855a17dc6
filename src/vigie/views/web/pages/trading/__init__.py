"""Trading accounts."""
