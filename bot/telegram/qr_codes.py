"""What the QR codes in a picture say. The picture may come from anybody, so it is measured before it is unpacked.

The reader works on grey pixels and is C++ without the interpreter's lock, so it belongs in a thread. What a code says is
somebody else's text: it is returned as it is, and nothing here acts on it.
"""

import io
import struct
from typing import Final

from PIL import Image

MOST_PIXELS: Final = 24_000_000  # a JPEG is unpacked at a fraction of its size
MOST_PIXELS_WHOLE: Final = 12_000_000  # other pictures can only be unpacked whole
MOST_CODES: Final = 8
MOST_CHARACTERS: Final = 2000  # of one code; what we can use is shorter
_ENOUGH: Final = (1600, 1600)
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


class UnreadablePicture(Exception):
    """This is no picture that can be looked at: another kind of file, a broken one, or one of too many pixels."""


def read_codes(content: bytes) -> tuple[str, ...]:
    """What the QR codes in a JPEG, PNG or WebP say, each once, at most `MOST_CODES`. Raises `UnreadablePicture`."""
    import zxingcpp  # with the first picture: most processes never see one

    grey = _unpacked(content)
    wanted = zxingcpp.barcode_formats_from_str("QRCode")
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        found = zxingcpp.read_barcodes(grey, formats=wanted, binarizer=binarizer)
        texts = dict.fromkeys(code.text.strip() for code in found if 0 < len(code.text) <= MOST_CHARACTERS)
        texts.pop("", None)
        if texts:
            return tuple(texts)[:MOST_CODES]
    return ()


def _unpacked(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            width, height = picture.size
            most = MOST_PIXELS if picture.format == "JPEG" else MOST_PIXELS_WHOLE
            if width * height > most or getattr(picture, "n_frames", 1) > 1:
                raise UnreadablePicture
            picture.draft("L", _ENOUGH)
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                # a code on nothing is meant to be seen on white
                shown = Image.new("RGBA", picture.size, "white")
                shown.alpha_composite(picture.convert("RGBA"))
                return shown.convert("L")
            return picture.convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePicture from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:  # what Pillow raises for broken files
        raise UnreadablePicture from error
