"""What the project is kept in order with; none of it is part of the package."""
