"""The desks' acts: each authorises, loads, decides and records in one transaction (ADR 11)."""
