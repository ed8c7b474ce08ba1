"""Every kept run of an audit: what was found, and what has changed since."""
