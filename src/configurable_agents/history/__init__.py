"""Looking back at runs: what their events say of the state at any point, of the way taken, of why, and of two runs."""
