"""The only way out: items, packages, receipts."""
