"""Comity: answer another agency's requests under a written agreement, lawfully and provably."""
