"""Pictures of every page that buyers see, for the documentation."""
