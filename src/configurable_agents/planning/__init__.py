"""What a run will cost, told before it runs: calls, tokens and money, at least, likely and at most."""
