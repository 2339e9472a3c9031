"""Attacks that must fail: what strangers have tried, or could try, against a Kassa open to the internet.

Each file is one kind of attack. It says in its first line what the attacker wants, carries the attack out
as an attacker would (over HTTP, as far as that matters), and asserts what is true afterwards: what was
answered, what the tables or the disk hold, and who else was still served. Beside each attack stands a
control that shows that it would have worked without its guard: the same below the limit, or with the guard
switched off; and that the legitimate way still works.
"""
