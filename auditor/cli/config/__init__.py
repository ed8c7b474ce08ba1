"""``audit config``: what a configuration file can say, and whether it says it rightly."""
