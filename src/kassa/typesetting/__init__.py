"""Data set as pages by typst: tickets, invoices and drawn pictures, in fonts that have all letters."""
