"""Descriptions (models, networks) and the plan made of them; knows no engine."""
