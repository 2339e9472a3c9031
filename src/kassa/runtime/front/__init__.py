"""The front of a web process: it reads requests, and hands those that are complete to threads.

Bodies are read without a thread that waits for them, so that slow clients take nothing away from others.
``application.py`` is what granian calls; ``loop.py`` says on which thread each part runs.
"""
