"""What came out: reports for terminals, browsers, CI and the book."""
