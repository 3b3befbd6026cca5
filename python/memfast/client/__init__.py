"""mem0's package name for the clients of its hosted service."""
