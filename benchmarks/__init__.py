"""What speed is promised, measured: always as a ratio against a named opponent in the same run."""
