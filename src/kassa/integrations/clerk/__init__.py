"""People who are signed in at Clerk: the tokens of its sessions, and who they stand for here."""
