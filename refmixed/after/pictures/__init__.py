"""Pictures of a fit, a file a kind; `kinds` is the door."""
