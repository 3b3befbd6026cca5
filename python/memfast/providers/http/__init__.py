"""Talks with providers that speak the OpenAI protocol: what to send (no I/O), and what sends it."""
