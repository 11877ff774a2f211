"""Reading a request's body with a limit: Starlette itself has none."""

from starlette.requests import Request


class BodyTooLarge(Exception):
    """The body is larger than the route takes."""


async def read_body(request: Request, most: int) -> bytes:
    """The whole body, at most `most` bytes; `BodyTooLarge` as soon as more is announced or arrives."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > 12 or int(announced) > most):
        raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise BodyTooLarge
        chunks.append(chunk)
    return b"".join(chunks)
