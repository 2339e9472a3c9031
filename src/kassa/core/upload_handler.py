"""Where files of forms lie while a request is answered, if they are too large for memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class DataFolderUploadHandler(TemporaryFileUploadHandler):
    """Puts them below the data folder, never into the system's folder for temporary files."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file. The folder is made when it is first needed."""
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
        super().new_file(*args, **kwargs)
