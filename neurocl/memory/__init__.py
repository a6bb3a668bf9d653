"""Associative memories: patterns are stored and found again from a part of them, or through noise."""
