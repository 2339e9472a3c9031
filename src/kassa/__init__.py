"""Kassa sells whatever has a limited number of places, and never one too many."""

__version__ = "0.1.0"
