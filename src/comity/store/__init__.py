"""Tables and queries; SQLite embedded, PostgreSQL in production."""
