"""Data of older systems becomes orders: read from a file, checked like a sale, written set-wise."""
