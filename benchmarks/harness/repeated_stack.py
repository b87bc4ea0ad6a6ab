"""A stack of any size that costs nothing to make: a TIFF whose blocks are those of a small one, again and again.

Every block of the large file is read and decoded by itself, as if it were another; only the bytes on disk are shared,
so that a thousand million cells take a few megabytes. The land repeats, its blocks are real ones.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from zoning.stack.stack_index import SEAL
from zoning.stack.stored_stack import StoredStack

_WIDTH, _HEIGHT, _BANDS, _OFFSETS, _COUNTS, _METADATA = 256, 257, 277, 324, 325, 42_112
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8}
_LONG8, _ASCII = 16, 2
_BIG = 43
BLOCK = 256


@dataclass(frozen=True)
class _Tag:
    kind: int
    count: int
    data: bytes


def repeat_stack(source: Path, target: Path, *, times: int) -> None:
    """Write a stack ``times`` as wide and as high as a small one, whose side is a multiple of 256 cells.

    Parameters
    ----------
    source
        File of codes of the small one, without overviews.
    target
        File to write.
    times
        Repetitions along each side.
    """
    content = source.read_bytes()
    tags = _first_directory(content)
    side = _number(tags[_WIDTH])
    if side % BLOCK or _number(tags[_HEIGHT]) != side:
        message = f"a side of {side} cells is not square in blocks of {BLOCK}"
        raise ValueError(message)
    with StoredStack(source) as small:
        index, text = small.index, tags[_METADATA].data.decode()
    large = replace(index, blocks=np.tile(index.blocks, (times, times)))
    blocks, bands = side // BLOCK, _number(tags[_BANDS])
    where = [np.array(_numbers(tags[key])).reshape(bands, blocks, blocks) for key in (_OFFSETS, _COUNTS)]
    spread = [np.tile(each, (1, times, times)).ravel() for each in where]
    first = 16  # the header; the content of the small file follows it
    tags |= {
        _WIDTH: _long(side * times),
        _HEIGHT: _long(side * times),
        _OFFSETS: _Tag(_LONG8, spread[0].size, (spread[0] + first).astype("<u8").tobytes()),
        _COUNTS: _Tag(_LONG8, spread[1].size, spread[1].astype("<u8").tobytes()),
        _METADATA: _text(_sealed(text, large.seal())),
    }
    target.write_bytes(_big_tiff(content, tags))


def _first_directory(content: bytes) -> dict[int, _Tag]:
    """Read the tags of the first image of a little-endian TIFF, classic or big."""
    big = struct.unpack_from("<H", content, 2)[0] == _BIG
    start = struct.unpack_from("<Q" if big else "<I", content, 8 if big else 4)[0]
    count = struct.unpack_from("<Q" if big else "<H", content, start)[0]
    start, size, inline = (start + 8, 20, 8) if big else (start + 2, 12, 4)
    tags = {}
    for place in range(start, start + count * size, size):
        key, kind, items = struct.unpack_from("<HHQ" if big else "<HHI", content, place)
        length, at = items * _BYTES[kind], place + size - inline
        if length > inline:
            at = struct.unpack_from("<Q" if big else "<I", content, at)[0]
        tags[key] = _Tag(kind, items, content[at : at + length])
    return tags


def _numbers(tag: _Tag) -> list[int]:
    return list(struct.unpack(f"<{tag.count}{ {1: 'B', 3: 'H', 4: 'I', 16: 'Q'}[tag.kind] }", tag.data))


def _number(tag: _Tag) -> int:
    return _numbers(tag)[0]


def _long(value: int) -> _Tag:
    return _Tag(_LONG8, 1, struct.pack("<Q", value))


def _text(value: str) -> _Tag:
    data = value.encode()
    return _Tag(_ASCII, len(data), data)


def _sealed(metadata: str, seal: str) -> str:
    """Put another index into the metadata of a TIFF."""
    written = escape(seal)
    return re.sub(
        rf'(<Item name="{SEAL}"[^>]*>).*?(</Item>)',
        lambda found: found[1] + written + found[2],
        metadata,
        flags=re.DOTALL,
    )


def _big_tiff(content: bytes, tags: dict[int, _Tag]) -> bytes:
    """Put the content of a file and a directory of its blocks into one BigTIFF."""
    parts = [b"", content]
    at = 16 + len(content)
    entries = []
    for key, tag in sorted(tags.items()):
        data = tag.data
        if len(data) <= 8:  # noqa: PLR2004  as much as an entry holds
            entries.append(struct.pack("<HHQ", key, tag.kind, tag.count) + data.ljust(8, b"\0"))
            continue
        entries.append(struct.pack("<HHQQ", key, tag.kind, tag.count, at))
        data += b"\0" * (-len(data) % 8)
        parts.append(data)
        at += len(data)
    parts[0] = struct.pack("<2sHHHQ", b"II", _BIG, 8, 0, at)
    return b"".join([*parts, struct.pack("<Q", len(entries)), *entries, struct.pack("<Q", 0)])
