"""What each source document demands, point by point, asked for over HTTP as its users would."""
