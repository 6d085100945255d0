"""What may be added to the platform: contracts, and the registry of what is installed."""
