"""Stays, accounting, reports: what watches over the exchange."""
