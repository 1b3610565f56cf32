"""The book of derivations: its pages, the checks on them, and what builds it (`make book`)."""
