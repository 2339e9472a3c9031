"""Four trades to try Kassa with: a concert hall, a bus company, a school and a shop."""
