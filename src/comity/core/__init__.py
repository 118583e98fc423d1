"""What every station stands on: errors, canonical JSON, the clock, signed statements."""
