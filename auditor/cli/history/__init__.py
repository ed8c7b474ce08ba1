"""``audit history``: the runs that were kept."""
