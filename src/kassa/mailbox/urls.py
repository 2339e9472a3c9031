"""The addresses of the mailbox page, below its secret."""

from django.urls import path

from kassa.mailbox import views

urlpatterns = [
    path("<str:secret>/", views.message_list, name="mailbox"),
    path("<str:secret>/accounts/<uuid:letter_id>/", views.one_letter, name="mailbox-letter"),
    path("<str:secret>/accounts/<uuid:letter_id>/html", views.letter_html, name="mailbox-letter-html"),
    path("<str:secret>/<uuid:message_id>/", views.one_message, name="mailbox-message"),
    path("<str:secret>/<uuid:message_id>/html", views.message_html, name="mailbox-html"),
    path("<str:secret>/<uuid:message_id>/files/<str:name>", views.attachment, name="mailbox-file"),
]
