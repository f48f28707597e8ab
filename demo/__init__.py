"""What the demonstration stands on; no part of the distribution."""
