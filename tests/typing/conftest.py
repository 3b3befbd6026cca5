from __future__ import annotations

# Programs, not modules of tests: pytest must not import them.
collect_ignore = ["accepted", "refused"]
