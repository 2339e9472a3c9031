from django.apps import AppConfig


class PicturesConfig(AppConfig):
    name = "kassa.pictures"
    label = "pictures"
