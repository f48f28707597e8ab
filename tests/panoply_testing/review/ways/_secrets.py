"""Credentials of nobody, which look as real ones do. They are put together here, so that no file of ours holds one."""

from __future__ import annotations

GITHUB = "_".join(("ghp", "Zk3Tq9" + "Lw7Xc2Vb5Nm8" + "Rd1Fg4Hj6Ks0Pq" + "aB3c"))
STRIPE = "_".join(("sk", "live", "51Hq8Zt3" + "Yk7Lw2Xc9Vb4Nm6Rd1Fg5H"))
SLACK = "xoxb-29384756102-38475610293-aZ8k3Tq9Lw7Xc2Vb5Nm8Rd1F"
RANDOM = "q7Lw2Xc9" + "Vb4Nm6Rd1Fg5Hj8Ks"
PASSWORD = "Zt3Yk7Lw" + "2Xc9Vb4N"

EVERY = (GITHUB, STRIPE, SLACK, RANDOM, PASSWORD)
