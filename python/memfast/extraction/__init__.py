"""From conversation to facts: prompts, replies, rules."""
