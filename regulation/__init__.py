"""The Measures as pure functions of events and days. Imports nothing of ours."""
