"""The law applied to each row: rules as small pure functions, address quality, batch rules."""
