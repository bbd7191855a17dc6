"""An entity."""
