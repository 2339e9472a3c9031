"""The WSGI application that granian serves."""

import os

import django

from kassa.core.wsgi_handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kassa.settings")

django.setup(set_prefix=False)
application = Handler()
