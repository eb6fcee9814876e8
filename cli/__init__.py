"""Commands: one module per command. Results to stdout, errors to stderr."""
