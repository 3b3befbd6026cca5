"""mem0's package name for its vector stores."""
