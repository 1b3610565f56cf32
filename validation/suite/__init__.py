"""What a case is, and what an answer is worth."""
