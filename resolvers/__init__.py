"""Use cases: authorise, load, decide, record. No GraphQL, no SQL."""
