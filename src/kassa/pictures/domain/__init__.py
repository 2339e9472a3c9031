"""What can be done with pictures."""
