"""The model gateway: the one way from a node to a model."""
