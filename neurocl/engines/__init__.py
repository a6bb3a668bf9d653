"""Engines: each runs a plan its own way. `Network.build` loads the one asked for."""
