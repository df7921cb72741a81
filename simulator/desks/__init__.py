"""Help desks on a port of this machine: the shapes that each one really answers in, and the ways in which it fails.

For tests and benchmarks. None of them knows more than what Backstop asks for.
"""
