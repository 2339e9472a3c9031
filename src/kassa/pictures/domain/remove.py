"""A picture is let go that nothing shows any more."""

from __future__ import annotations

from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Func, Q, Value

from kassa.catalog.models import Event, Product
from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.permissions import Permission
from kassa.organizations.models import Organization
from kassa.pictures.addresses import picture_path
from kassa.pictures.domain.keep import describe_picture
from kassa.pictures.enums import PictureType
from kassa.pictures.errors import PictureInUse
from kassa.pictures.queries import picture_of


@command(Permission.OFFER_WRITE)
def remove_picture(context: CommandContext, picture_id: UUID) -> None:
    """Delete a picture for good; its address leads nowhere from then on.

    Raises:
        NotFound: the organisation has no such picture.
        PictureInUse: an event or a product that is there shows it, or it is the logo or the header.
    """
    with transaction.atomic():
        picture = picture_of(context.organization_id, picture_id)
        path = picture_path(picture.id, PictureType(picture.media_type).extension)
        if _is_shown(context.organization_id, path):
            raise PictureInUse
        record_activity(context, "picture.deleted", picture, before=describe_picture(picture))
        picture.delete()


def _is_shown(organization_id: UUID, path: str) -> bool:
    gallery = Func(
        F("gallery_images"), Value(" "), function="array_to_string", output_field=models.TextField()
    )
    events = Event.objects.of(organization_id).filter(deleted_at=None).annotate(gallery=gallery)
    products = Product.objects.of(organization_id).filter(deleted_at=None)
    return (
        events.filter(Q(featured_image__contains=path) | Q(gallery__contains=path)).exists()
        or products.filter(image__contains=path).exists()
        or Organization.objects.filter(
            Q(logo__contains=path) | Q(header_image__contains=path), id=organization_id
        ).exists()
    )
