"""One pure function from request, findings and match to an outcome."""
