"""HTTP, authentication, settings, the clock. Never sees an engine or a table."""
