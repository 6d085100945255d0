"""From a checked workflow to a LangGraph graph that runs."""
