from django.apps import AppConfig


class AdmissionConfig(AppConfig):
    name = "kassa.admission"
    label = "admission"
