"""What the parties agreed: model, loading, signing, amendments, rosters of officers."""
