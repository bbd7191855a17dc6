"""Sources of news: what they are lies in lists beside, how their feeds are read in these files.

listing    the lists: shipped.toml, and simulated.toml for the simulated world
feed       asking one feed: only what changed, within limits, redirects inside its site
parsing    RSS, RDF, Atom and JSON Feed as sightings; what is no item is refused with its reason
cleaning   markup, control characters and addresses made harmless
dates      the dates that feeds write
"""
