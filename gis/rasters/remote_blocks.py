"""Reading a raster over a connection: which bytes a window needs, and what went wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rasterio.windows import Window

from gis.errors import VallesError
from gis.rasters.raster import raster_errors
from gis.rasters.raster_source import AttentiveOpener, RasterSource


@contextmanager
def remote_errors(source: RasterSource) -> Iterator[None]:
    """Turn what the raster library refuses inside the block into an error of the house, the connection's own first.

    Raises
    ------
    InputError
        When the file is damaged or no raster.
    VallesError
        What the opener says went wrong.
    """
    opener = source.opener
    try:
        with raster_errors(source.name):
            yield
    except VallesError as error:
        failure = opener.failure() if isinstance(opener, AttentiveOpener) else None
        if failure is not None:
            raise failure from error
        raise
    failure = opener.failure() if isinstance(opener, AttentiveOpener) else None
    if failure is not None:
        raise failure


def expect_blocks(source: RasterSource, handle: Any, window: Window, bands: Sequence[int]) -> None:  # noqa: ANN401  rasterio ships no types
    """Tell an attentive opener which bytes of a TIFF a window needs, so that neighbours travel together.

    Parameters
    ----------
    source
        The raster.
    handle
        Its open dataset.
    window
        Cells about to be read.
    bands
        Band numbers from 1.

    Raises
    ------
    VallesError
        The bytes cannot be had.
    """
    opener = source.opener
    if isinstance(opener, AttentiveOpener):
        opener.expect(block_spans(handle, window, bands))


def block_spans(handle: Any, window: Window, bands: Sequence[int]) -> list[tuple[int, int]]:  # noqa: ANN401  as above
    """Return first byte and number of bytes of every block of a TIFF that a window touches; none for other formats.

    Parameters
    ----------
    handle
        An open dataset.
    window
        Cells, inside the raster.
    bands
        Band numbers from 1.
    """
    if handle.driver != "GTiff":
        return []
    rows, cols = handle.block_shapes[0]
    first_row, last_row = int(window.row_off) // rows, (int(window.row_off + window.height) - 1) // rows
    first_col, last_col = int(window.col_off) // cols, (int(window.col_off + window.width) - 1) // cols
    together = str(handle.interleaving).lower().endswith("pixel")
    spans = []
    for band in [bands[0]] if together else bands:
        for row in range(first_row, last_row + 1):
            for col in range(first_col, last_col + 1):
                offset = handle.get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=band)
                length = handle.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=band)
                if offset is not None and length is not None:
                    spans.append((int(offset), int(length)))
    return spans
