"""What Sphinx must learn for this book, one idea a file."""
