from django.apps import AppConfig


class CouponsConfig(AppConfig):
    name = "kassa.coupons"
    label = "coupons"
