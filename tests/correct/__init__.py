"""Correct workflows at random, rich in types and in what texts compute."""
