"""The audit log's mathematics: records, leaves, the Merkle tree, verification. Pure."""
