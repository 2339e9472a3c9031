"""The audit: every book of the database is held against every other."""
