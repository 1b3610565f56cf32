"""What is asked of a model after it was fitted."""
