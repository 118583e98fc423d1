"""One certain person or nobody: standardisation, index, comparison, decision."""
