"""Where memories are kept: one protocol, and the stores that implement it."""
