"""Our kinds of node."""
