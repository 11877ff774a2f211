"""Files that were sent, and the check that a picture is one."""

import hashlib
import io
import itertools

from PIL import Image, UnidentifiedImageError

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.params import Params, Upload
from bot.simulator.telegram.records import StoredFile

_MOST_PHOTO = 10 * 1024 * 1024
_MOST_FILE = 50 * 1024 * 1024
_MOST_FETCHED = 20 * 1024 * 1024
_SIDES = (90, 320, 800, 1280)  # of the longer side, as Telegram's applications send photographs
_QUALITY = 87
_TYPES = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}


class Files:
    """All files, by id."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
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

    def photograph(self, upload: Upload) -> StoredFile:
        """Keep a picture as a person's phone sends it: made smaller, as JPEG, in several sizes. Raises as `photo`."""
        original = self.photo(upload)
        del self.by_id[original.id]
        with Image.open(io.BytesIO(upload.content)) as picture:
            whole = picture.convert("RGB")
        wanted = [side for side in _SIDES if side < max(whole.size)] + [min(_SIDES[-1], max(whole.size))]
        sizes = [self._sized(upload.name, whole, side) for side in dict.fromkeys(wanted)]
        largest = sizes.pop()
        largest.smaller = sizes
        return largest

    def document(self, upload: Upload, media_type: str = "application/octet-stream") -> StoredFile:
        """Keep any file. Raises `BadRequest` for an empty or a too large one."""
        if not upload.content:
            raise BadRequest("file must be non-empty")
        if len(upload.content) > _MOST_FILE:
            raise BadRequest("file is too big")
        return self._keep(upload, "documents", "bin", media_type)

    def fetchable(self, file_id: str) -> StoredFile:
        """The file that a bot asks for, which may have 20 MB. Raises `BadRequest`."""
        file = self.by_id.get(file_id)
        if file is None:
            raise BadRequest("invalid file_id")
        if len(file.content) > _MOST_FETCHED:
            raise BadRequest("file is too big")
        return file

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

    def _sized(self, name: str, whole: Image.Image, side: int) -> StoredFile:
        picture = whole.copy()
        picture.thumbnail((side, side))
        held = io.BytesIO()
        picture.save(held, "JPEG", quality=_QUALITY)
        kept = self._keep(Upload(name, held.getvalue()), "photos", "jpg", "image/jpeg")
        kept.width, kept.height = picture.size
        return kept

    def _keep(self, upload: Upload, folder: str, ending: str, media_type: str) -> StoredFile:
        number = next(self._numbers)
        digest = hashlib.sha256(upload.content).hexdigest()[:16]
        kept = StoredFile(
            id=f"file-{number}-{digest}", unique_id=f"u{number}{digest}", path=f"{folder}/file_{number}.{ending}",
            name=upload.name or f"file_{number}.{ending}", content=upload.content, media_type=media_type,
        )  # fmt: skip
        self.by_id[kept.id] = kept
        return kept
