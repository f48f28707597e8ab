"""How verdicts look: one module a format. What they say is decided by the checks."""
