"""Measures what a record costs: this SDK beside other ways to send it, in one run, on the machine it runs on.

`python -m benchmarks` starts it. It uses the SDK by its public names only, as a program would.
"""
