"""An example of a channel for alerts: a room of a chat."""
