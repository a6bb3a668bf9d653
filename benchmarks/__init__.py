"""Benchmarks of the simulation core, run from a checkout by `neurocl bench`; see benchmarks/README.md.

networks         what is simulated, for how long, and the goals
wiring           the file that gives every simulator the same synapses, weights, delays, parameters and initial values
peers/           one program per simulator; all speak the protocol of `peers.serving`
simulators       starts these programs and talks to them
measuring        alternates them and compares times and rates
command          what `neurocl bench` does
table, report    results as text; table and figure of all results
kernels          single kernels beside what the machine allows
construction     time and memory of making networks
startup          a second process until its compiled network runs
machine          machine, date and command of a result
"""
