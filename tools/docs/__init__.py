"""The documentation that is made from the code, and the sessions in it that are recorded by running them."""
