"""Scenario files: a legal office's cases, run through the use cases (docs/scenarios.md)."""
