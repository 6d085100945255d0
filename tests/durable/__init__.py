"""Runs that are kept: resumed, answered, replayed, forked."""
