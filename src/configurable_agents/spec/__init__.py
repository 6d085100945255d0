"""What the user wrote: reading it, checking it. Pure: no LangGraph, no I/O but reading files."""
