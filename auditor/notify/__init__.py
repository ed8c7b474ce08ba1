"""Who is told what has changed, and by which way."""
