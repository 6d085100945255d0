"""Our own plugins: kinds of node and model providers. They have no privileges."""
