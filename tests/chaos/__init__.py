"""Crashes: runs that are killed anywhere, and go on."""
