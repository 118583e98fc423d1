"""Who may do what: approvals, separation of duties."""
