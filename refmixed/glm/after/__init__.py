"""What is asked of a generalized model after it was fitted."""
