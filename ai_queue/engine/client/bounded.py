"""How much of a response is read: servers may send, and unpack to, any size.

The HTTP library reads and unpacks a response as a whole. Its event hook, called before
that, puts a stream of ours in the place of the response's.
"""

import functools
import zlib

#: Of an answer, unpacked: many times what the longest answer takes.
MAX_BYTES = 8 * 1024 * 1024
#: Of an error, of which only the beginning is looked at.
MAX_ERROR_BYTES = 64 * 1024
#: What is unpacked at a time.
STEP = 64 * 1024
#: All that the client says that it can unpack.
ACCEPT_ENCODING = "gzip, deflate"


class TooMuch(Exception):
    """A response that is larger than any answer."""


async def bound(response):
    """Let no more than `MAX_BYTES` of a response be read.

    More of an answer raises `TooMuch`, more of an error is left out.

    :param response: of the HTTP library, not read yet
    """
    encoding = response.headers.pop("content-encoding", "").strip().lower()
    stream_class = _class_for(type(response.stream))
    is_error = response.status_code >= 300
    response.stream = stream_class(response.stream, encoding, is_error)


@functools.cache
def _class_for(kind):
    """Our stream as one that the library takes: of its own base class.

    The library is another one in each line of the SDK, so it is not imported.
    """
    base = next(one for one in kind.__mro__ if one.__name__ == "AsyncByteStream")
    return type("BoundedStream", (_Bounded, base), {})


class _Bounded:
    def __init__(self, packed, encoding, is_error):
        self.packed = packed
        self.is_error = is_error
        self.left = MAX_ERROR_BYTES if is_error else MAX_BYTES
        self.unpack = _UNPACK.get(encoding, _plain)()

    async def __aiter__(self):
        packed = 0
        async for chunk in self.packed:
            packed += len(chunk)
            for piece in self.unpack(chunk):
                yield piece[: self.left]
                self.left -= len(piece)
                if self.left < 0:
                    break
            if self.left < 0 or packed > MAX_BYTES:
                if self.is_error:
                    return
                raise TooMuch

    async def aclose(self):
        await self.packed.aclose()


def _plain():
    return lambda chunk: (chunk,)


def _gzip():
    return _in_steps(zlib.decompressobj(zlib.MAX_WBITS | 16))


def _deflate():
    """With the frame of zlib, as the standard says, or without, as many servers do."""
    unpack = None

    def start(chunk):
        nonlocal unpack
        if unpack is None:
            has_frame = chunk[:1] and chunk[0] & 0x0F == 8
            unpack = _in_steps(zlib.decompressobj(15 if has_frame else -15))
        return unpack(chunk)

    return start


_UNPACK = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


def _in_steps(decompressor):
    def unpack(chunk):
        while chunk:
            yield decompressor.decompress(chunk, STEP)
            chunk = decompressor.unconsumed_tail

    return unpack
