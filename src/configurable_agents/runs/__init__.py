"""Runs: their input, their models, their journal."""
