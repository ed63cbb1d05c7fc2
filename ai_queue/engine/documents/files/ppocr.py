"""PP-OCR, which reads letters from pictures: two networks run by ``onnxruntime``.

One finds lines, the other reads them. Both lie in the Python package ``rapidocr``, of
which nothing is imported: its own program needs libraries for moving pictures and for
geometry, to do what Pillow and numpy can. Nothing is ever downloaded.
"""

from __future__ import annotations

import threading

import numpy as np
from PIL import Image

from . import letters, readers, regions
from .seen import OcrError

#: pixels of a page in which lines are looked for, and the multiple of its sides
PIXELS, STEP = 1_800_000, 32
#: height of a line that is read, and pixels across of those that are read together
TALL, BATCH = 48, 2400
#: width of a line at least and at most, pixels
NARROWEST, WIDEST = 160, 3200
#: how much wider than the narrowest the widest of a batch may be
ALIKE = 1.3


class Networks:
    """Both networks, loaded; one thread each."""

    def __init__(self):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.finder, self.reader = (
            onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            for path in readers.networks()
        )
        listed = self.reader.get_modelmeta().custom_metadata_map["character"]
        self.alphabet = letters.Alphabet(listed.split("\n"))

    def find(self, picture) -> list[regions.Region]:
        """The lines of text on a grey picture."""
        scale = min(1.0, (PIXELS / (picture.width * picture.height)) ** 0.5)
        size = [max(STEP, round(side * scale / STEP) * STEP) for side in picture.size]
        small = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
        chances = _run(self.finder, _colours(small)[None])[0, 0]
        across, down = picture.width / size[0], picture.height / size[1]
        return [one.scaled(across, down) for one in regions.find(chances)]

    def read_regions(self, picture, found, deadline) -> list[letters.Line]:
        """What stands in regions of a grey picture, in their order.

        :param deadline: `Deadline` by which it must be done
        :raise OcrError: no time is left
        """
        strips = [strip(picture, region) for region in found]
        return self.read_strips(strips, deadline)

    def read_strips(self, strips, deadline) -> list[letters.Line]:
        """What stands in level pictures of lines, `TALL` high; see `read`."""
        lines = [None] * len(strips)
        for batch in _batches([one.width for one in strips]):
            if deadline.left() <= 0:
                raise OcrError("no time is left")
            width = max(NARROWEST, *(strips[at].width for at in batch))
            together = np.zeros((len(batch), 3, TALL, width), np.float32)
            for row, at in enumerate(batch):
                together[row, :, :, : strips[at].width] = _colours(strips[at])
            chances = _run(self.reader, together)
            for row, at in enumerate(batch):
                lines[at] = self.alphabet.line(chances[row], strips[at])
        return lines


_loading = threading.Lock()
_networks = None


def networks() -> Networks:
    """The networks of this process, loaded on first use (half a second)."""
    global _networks
    with _loading:
        if _networks is None:
            _networks = Networks()
        return _networks


def strip(picture, region):
    """A region as a level picture of the height at which lines are read."""
    height = max(1.0, region.height)
    size = region.length, height
    if height < TALL:
        size = region.length * TALL / height, TALL
    corners = [float(value) for corner in region.corners() for value in corner]
    size = tuple(max(1, round(side)) for side in size)
    cut = picture.transform(
        size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255
    )
    width = max(8, min(WIDEST, round(cut.width * TALL / cut.height)))
    if cut.size != (width, TALL):
        cut = cut.resize((width, TALL), Image.Resampling.LANCZOS)
    return cut


def _batches(widths):
    """Numbers of strips that are read together: alike in width, and not too many."""
    order = sorted(range(len(widths)), key=widths.__getitem__)
    batch = []
    for at in order:
        width = max(widths[at], NARROWEST)
        if batch and (
            width * (len(batch) + 1) > BATCH
            or width > ALIKE * max(widths[batch[0]], NARROWEST)
        ):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def _colours(picture):
    """A grey picture as the networks want it: three colours from -1 to 1."""
    grey = np.asarray(picture, np.float32) / 127.5 - 1
    return np.broadcast_to(grey, (3, *grey.shape))


def _run(network, data):
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    (name,) = (one.name for one in network.get_inputs())
    try:
        return network.run(None, {name: np.ascontiguousarray(data)})[0]
    except (MemoryError, state.Fail, state.RuntimeException) as error:
        # most likely for want of memory
        raise OcrError(type(error).__name__) from None
