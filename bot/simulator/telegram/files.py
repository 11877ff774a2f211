"""Files that were sent, and the check that a picture is one."""

import hashlib
import io

from PIL import Image, UnidentifiedImageError

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.params import Params, Upload
from bot.simulator.telegram.records import StoredFile

_MOST_PHOTO = 10 * 1024 * 1024
_MOST_FILE = 50 * 1024 * 1024
_TYPES = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}


class Files:
    """All files, by id."""

    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}

    def by_path(self, path: str) -> StoredFile | None:
        return next((file for file in self.by_id.values() if file.path == path), None)

    def by_unique_id(self, unique_id: str) -> StoredFile | None:
        return next((file for file in self.by_id.values() if file.unique_id == unique_id), None)

    def photo(self, upload: Upload) -> StoredFile:
        """Keep a picture. Raises `BadRequest` for what is none, is too large, or has odd proportions."""
        if not upload.content:
            raise BadRequest("file must be non-empty")
        if len(upload.content) > _MOST_PHOTO:
            raise BadRequest("file is too big")
        try:
            with Image.open(io.BytesIO(upload.content), formats=tuple(_TYPES)) as picture:
                picture.load()
                (media_type, ending), (width, height) = _TYPES[str(picture.format)], picture.size
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            raise BadRequest("IMAGE_PROCESS_FAILED") from error
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise BadRequest("PHOTO_INVALID_DIMENSIONS")
        kept = self._keep(upload, "photos", ending, media_type)
        kept.width, kept.height = width, height
        return kept

    def document(self, upload: Upload) -> StoredFile:
        """Keep any file. Raises `BadRequest` for an empty or a too large one."""
        if not upload.content:
            raise BadRequest("file must be non-empty")
        if len(upload.content) > _MOST_FILE:
            raise BadRequest("file is too big")
        return self._keep(upload, "documents", "bin", "application/octet-stream")

    def sent(self, params: Params, name: str, value: object = None) -> StoredFile | Upload:
        """The file of a parameter: uploaded with the call, or one that is known by its `file_id`."""
        wanted = params.values.get(name) if value is None else value
        if wanted is None and name in params.files:
            return params.files[name]
        if isinstance(wanted, str) and wanted.startswith("attach://"):
            upload = params.files.get(wanted.removeprefix("attach://"))
            if upload is not None:
                return upload
        known = self.by_id.get(wanted) if isinstance(wanted, str) else None
        if known is not None:
            return known
        if wanted is None or wanted == "":
            raise BadRequest(f"there is no {name} in the request")
        raise BadRequest("wrong file identifier/HTTP URL specified")

    def _keep(self, upload: Upload, folder: str, ending: str, media_type: str) -> StoredFile:
        number = len(self.by_id) + 1
        digest = hashlib.sha256(upload.content).hexdigest()[:16]
        kept = StoredFile(
            id=f"file-{number}-{digest}", unique_id=f"u{number}{digest}", path=f"{folder}/file_{number}.{ending}",
            name=upload.name or f"file_{number}.{ending}", content=upload.content, media_type=media_type,
        )  # fmt: skip
        self.by_id[kept.id] = kept
        return kept
