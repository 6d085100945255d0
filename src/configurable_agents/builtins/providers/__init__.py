"""Our model providers."""
