"""Right workflows with one mistake planted in each, to see whether and where it is found."""
