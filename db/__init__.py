"""The only room that knows SQL: tables, statements, sealed storage, the log's storage."""
