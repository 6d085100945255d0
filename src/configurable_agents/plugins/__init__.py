"""What may be added by other packages: contracts, and the registry of what is installed."""
