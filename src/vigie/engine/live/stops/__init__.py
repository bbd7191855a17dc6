"""No position without a stop, whatever happens.

stop_guard        no position without a stop
stop_monitor      whether positions have their stops, at any time
moved_levels      whether stop and target stand where they were put
level_grid        levels as a venue takes them now, also where its ticks changed
level_restorer    they are put back and told of, ever later where they do not stay
outage_guard      positions keep their stops while the book cannot be written
emergency_closer  closes positions at the venue while the book cannot be written
"""
