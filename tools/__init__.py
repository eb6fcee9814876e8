"""What `make check` runs beside the linters; never installed, never part of the service."""
