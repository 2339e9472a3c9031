from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "kassa.organizations"
    label = "organizations"
