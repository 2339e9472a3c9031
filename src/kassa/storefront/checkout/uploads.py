"""Files that answer questions: kept as soon as they come, so that a form that is sent again has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kassa.core.budgets import Rate
from kassa.core.client_address import countable_address_in
from kassa.core.errors import InvalidInput, KassaError
from kassa.core.rate_limits import RateLimit, require
from kassa.orders.domain.upload_quotas import Uploader, counted_size
from kassa.orders.domain.upload_types import MAX_BYTES
from kassa.orders.domain.uploads import keep_upload
from kassa.orders.errors import UploadTooLarge
from kassa.orders.queries import list_unordered_uploads
from kassa.storefront.checkout.visit import Visit
from kassa.storefront.refusals import refusal_text

MIB = 1024 * 1024
UPLOADS_BY_ADDRESS = RateLimit(
    "uploads", per="address", default=Rate(100 * MIB, 3600, 200 * MIB), is_shared=True
)
"""In bytes."""
UPLOADS_BY_NETWORK = RateLimit(
    "uploads_network", per="network", default=Rate(400 * MIB, 3600, 800 * MIB), is_shared=True
)
ACCEPTED = ".pdf,.jpg,.jpeg,.png"
KEPT = "-kept"
NOT_TAKEN = _("Send a PDF document, or a JPEG or PNG picture.")
NO_FILE = _("Please choose a file.")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that waits for its order."""

    token: str
    """Tells the form which one it is; signed, so that nobody names another's."""
    upload_id: UUID
    name: str


class Folder:
    """Where the files of one form are kept, and found again."""

    def __init__(self, visit: Visit, *, is_open: bool) -> None:
        self.visit = visit
        self.organization_id = visit.organization_id
        self.is_open = is_open
        """Whether new files are taken: a cart that is over needs none."""
        self._known: dict[UUID, str] = {}

    def read(self, data: Mapping[str, Any]) -> None:
        """Look up all files that a form names, in one query; those that are gone or taken are left out."""
        read = (self._read_token(str(value)) for name, value in data.items() if name.endswith(KEPT))
        ids = {upload_id for upload_id in read if upload_id is not None}
        if ids:
            self._known = list_unordered_uploads(self.organization_id, ids)

    def keep(self, file: UploadedFile[bytes]) -> KeptFile:
        """Keep a new file.

        Raises:
            KassaError: it is too large or nothing that is taken, or too much was sent already.
        """
        size, now = file.size or 0, self.visit.now
        if size > MAX_BYTES:
            raise UploadTooLarge(MAX_BYTES)
        address = countable_address_in(self.visit.request.META)
        if address is not None:
            cost = counted_size(size)
            require(UPLOADS_BY_ADDRESS, address.host, now=now, cost=cost)
            require(UPLOADS_BY_NETWORK, address.network, now=now, cost=cost)
        upload = keep_upload(
            self.organization_id,
            name=file.name or "",
            content=file.read(),
            uploader=Uploader(cart_id=self.visit.cart_id),
            now=now,
        )
        return self._file(upload.id, upload.name)

    def find(self, token: str) -> KeptFile | None:
        """Return a file that was kept before. None: it is gone, or it is none of this organisation."""
        upload_id = self._read_token(token)
        name = self._known.get(upload_id) if upload_id else None
        return None if upload_id is None or name is None else self._file(upload_id, name)

    def _file(self, upload_id: UUID, name: str) -> KeptFile:
        return KeptFile(self._signer.sign(str(upload_id)), upload_id, name)

    def _read_token(self, token: str) -> UUID | None:
        try:
            return UUID(self._signer.unsign(token))
        except (signing.BadSignature, ValueError):
            return None

    @property
    def _signer(self) -> signing.Signer:
        return signing.Signer(salt=f"kassa.storefront.checkout.uploads:{self.organization_id}")


class UploadWidget(forms.Widget):
    """A field for a file, which says what was sent already."""

    needs_multipart_form = True
    kept: KeptFile | None = None

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile[bytes]], name: str
    ) -> tuple[UploadedFile[bytes] | None, str]:
        return files.get(name), str(data.get(f"{name}{KEPT}", ""))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> bool:
        return name not in files and f"{name}{KEPT}" not in data

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        # A file that is there need not be sent again, whatever the browser thinks of an empty field.
        given = {key: found for key, found in (attrs or {}).items() if not (self.kept and key == "required")}
        context = {"name": name, "kept": self.kept, "kept_name": f"{name}{KEPT}"}
        attributes = forms.FileInput().build_attrs({"type": "file", "name": name, "accept": ACCEPTED}, given)
        return render_to_string("checkout/_upload.html", {**context, "attributes": attributes})


class UploadField(forms.Field):
    """A question that a file answers; its value is the id of the upload, as a text."""

    widget: UploadWidget
    default_error_messages = {"required": NO_FILE}

    def __init__(self, *, folder: Folder, **options: Any) -> None:
        super().__init__(widget=UploadWidget(), **options)
        self.folder = folder

    def clean(self, value: tuple[UploadedFile[bytes] | None, str]) -> str | None:
        file, token = value
        self.widget.kept = self.folder.find(token) if token else None
        if file is not None and self.folder.is_open:
            self.widget.kept = _kept(self.folder.keep, file)
        if self.widget.kept is None:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        return str(self.widget.kept.upload_id)


def _kept(keep: Callable[[UploadedFile[bytes]], KeptFile], file: UploadedFile[bytes]) -> KeptFile:
    try:
        return keep(file)
    except InvalidInput as refusal:
        raise forms.ValidationError(NOT_TAKEN) from refusal
    except KassaError as refusal:
        raise forms.ValidationError(refusal_text(refusal)) from refusal
