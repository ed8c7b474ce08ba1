"""``audit policy``: one module a command."""
