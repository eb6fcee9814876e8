"""The only room that imports `cryptography`: keys, sealing, blind indexes."""
