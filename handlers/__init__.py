"""The verbs: one folder per feature, the same file names in each."""

FEATURES: tuple[str, ...] = ("escalations", "teams", "checkins", "polls", "training", "queue", "desks", "goals", "home")
"""The features, in the order in which their sections stand on Home. Each is a package here with `register(house)`."""
