"""The demonstration: a made-up office, the 2025 procedure and Comity side by side."""
