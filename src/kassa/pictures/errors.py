"""Why a picture is not taken or not let go."""

from __future__ import annotations

from kassa.core.errors import Conflict, InvalidInput, KassaError


class PictureRefused(InvalidInput):
    """The file is no picture that can be used; `errors` says which and why."""

    code = "picture_refused"
    title = "The picture cannot be used"


class PictureTooLarge(KassaError):
    """The file is longer than a picture may be, which is `limit` bytes."""

    code = "picture_too_large"
    status = 413
    title = "The picture is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A picture may have at most {limit // 1000} kB. Save it smaller.", limit=limit)


class PictureInUse(Conflict):
    """An event, a product or the organisation shows the picture."""

    code = "picture_in_use"
    title = "The picture is in use"

    def __init__(self) -> None:
        super().__init__(
            "The picture is shown by an event, a product, or as your logo or header. Change that first."
        )


class TooManyPictures(Conflict):
    """The organisation keeps as many pictures as it may, which are `limit`."""

    code = "too_many_pictures"
    title = "There are too many pictures"

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} pictures are kept. Delete some first.", limit=limit)
