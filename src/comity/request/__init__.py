"""A request and its parts: intake of batch files, addresses, the signed batch manifest."""
