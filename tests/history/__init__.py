"""Looking back at runs that are kept in a real database."""
