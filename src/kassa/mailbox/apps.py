from django.apps import AppConfig


class MailboxConfig(AppConfig):
    name = "kassa.mailbox"
    label = "mailbox"
