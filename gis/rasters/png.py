"""A PNG by hand: one filter, fast compression, no image library."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

_KINDS = {1: 0, 2: 4, 3: 2, 4: 6}
"""Colour type of the format by number of channels: grey, grey with alpha, RGB, RGBA."""

_PALETTE_KIND, _COLOURS, _HALF_BYTE = 3, 256, 16


def encode_png(pixels: NDArray[np.uint8], *, level: int = 6) -> bytes:
    r"""Encode an image.

    Parameters
    ----------
    pixels
        uint8, shape (rows, cols) grey, or (rows, cols, channels) with 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    level
        Effort of compression, 1 to 9.

    Raises
    ------
    InputError
        When type or shape is another.

    Examples
    --------
    >>> encode_png(np.zeros((2, 2), np.uint8))[:4]
    b'\x89PNG'
    """
    image = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels  # noqa: PLR2004  a grey image has one channel
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in _KINDS or not image.size:  # noqa: PLR2004
        raise InputError(
            _("Imagen de forma {shape} y tipo {dtype}").format(shape=pixels.shape, dtype=pixels.dtype),
            expected=_("Se esperaba uint8 con 1 a 4 canales"),
        )
    rows, cols, channels = image.shape
    lines = np.zeros((rows, 1 + cols * channels), np.uint8)
    lines[:, 1:] = image.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", cols, rows, 8, _KINDS[channels], 0, 0, 0)
    body = zlib.compress(lines.tobytes(), level)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def encode_palette_png(places: NDArray[np.uint8], palette: NDArray[np.uint8], *, level: int = 1) -> bytes:
    r"""Encode an image of few colours: one byte a pixel.

    Parameters
    ----------
    places
        uint8, shape (rows, cols): row of the palette of each pixel.
    palette
        uint8, shape (colours, 4): red, green, blue, alpha; at most 256 colours.
    level
        Effort of compression, 1 to 9.

    Notes
    -----
    Up to sixteen colours take half a byte a pixel, where the columns are even: half the work.

    Raises
    ------
    InputError
        When type or shape is another, or a pixel has no colour.

    Examples
    --------
    >>> encode_palette_png(np.zeros((2, 2), np.uint8), np.zeros((1, 4), np.uint8))[:4]
    b'\x89PNG'
    """
    shaped = places.ndim == 2 and palette.ndim == 2 and palette.shape[1] == 4  # noqa: PLR2004  a picture; RGBA
    if not shaped or {places.dtype, palette.dtype} != {np.dtype(np.uint8)} or not places.size:
        raise InputError(
            _("Imagen de forma {shape} y tipo {dtype}").format(shape=places.shape, dtype=places.dtype),
            expected=_("Se esperaba uint8 con una paleta de cuatro canales"),
        )
    if int(places.max()) >= len(palette) or len(palette) > _COLOURS:
        raise InputError(
            _("Color {place} de una paleta de {count}").format(place=int(places.max()), count=len(palette)),
            expected=_("Se esperaba un color de la paleta, de a lo sumo 256"),
        )
    rows, cols = places.shape
    halved = len(palette) <= _HALF_BYTE and cols % 2 == 0
    lines = np.zeros((rows, 1 + cols // (1 + halved)), np.uint8)
    lines[:, 1:] = places[:, ::2] << 4 | places[:, 1::2] if halved else places
    header = struct.pack(">IIBBBBB", cols, rows, 4 if halved else 8, _PALETTE_KIND, 0, 0, 0)
    chunks = (
        _chunk(b"IHDR", header),
        _chunk(b"PLTE", palette[:, :3].tobytes()),
        _chunk(b"tRNS", palette[:, 3].tobytes()),
        _chunk(b"IDAT", zlib.compress(lines.tobytes(), level)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
