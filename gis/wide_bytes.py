"""Sixty-four bytes as one value inside compiled kernels, and tables of bytes looked up in one instruction.

A kernel takes sixty-four cells at a time: :data:`load`, :data:`look_up` in a table that fits the processor's registers,
:data:`both`, :data:`store`. Every processor can; but only those with AVX-512 VBMI look up in one instruction. A kernel
asks :func:`usable` and takes its looked-up bytes from a plain loop elsewhere. Import it where kernels are imported: it
loads the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

BYTES = 64
"""Bytes of one value."""

_BYTE, _INT32 = ir.IntType(8), ir.IntType(32)
_VECTOR = ir.VectorType(_BYTE, BYTES)
_ZERO = ir.Constant(_VECTOR, [0] * BYTES)

_unpack: Any = cgutils.unpack_tuple
_declare: Any = cgutils.get_or_insert_function

Emit = Callable[[Any, Any, Any, Any], Any]
Typed = tuple[Any, Emit]


class _Wide(types.Type):
    """Type of the value; the only one is :data:`_WIDE`."""


class _WideModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:  # noqa: ANN401  numba is untyped
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]


_make: Any = _Wide
_WIDE = _make(name="WideBytes")
register_model(_Wide)(_WideModel)


@cache
def usable() -> bool:
    """Whether this processor looks up tables of bytes in one instruction, and the compiler may use it."""
    settings: Any = numba.config
    if settings.DISABLE_JIT or settings.CPU_NAME or settings.CPU_FEATURES:
        return False
    found = llvm.get_host_cpu_features()
    return bool(found.get("avx512vbmi") and found.get("avx512bw"))


def _place(context: Any, builder: Any, kind: Any, array: Any, places: tuple[Any, Any]) -> Any:  # noqa: ANN401
    """Return where element ``places`` (row, column) of a two-dimensional array of bytes lies."""
    found = context.make_array(kind)(context, builder, array)
    row_step = _unpack(builder, found.strides, 2)[0]
    start = builder.add(builder.mul(places[0], row_step), places[1])
    return builder.bitcast(builder.gep(found.data, [start]), _VECTOR.as_pointer())


def _load(_typing: Any, array: Any, _row: Any, _column: Any) -> Typed:  # noqa: ANN401
    def emit(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ANN401
        found = builder.load(_place(context, builder, signature.args[0], given[0], (given[1], given[2])))
        found.align = 1
        return found

    return _WIDE(array, types.int64, types.int64), emit


def _store(_typing: Any, array: Any, _row: Any, _column: Any, _value: Any) -> Typed:  # noqa: ANN401
    def emit(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ANN401
        stored = builder.store(given[3], _place(context, builder, signature.args[0], given[0], (given[1], given[2])))
        stored.align = 1
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64, _WIDE), emit


def _looked_up(name: str, parts: int) -> Emit:
    """Emit the instruction ``name`` on a table of so many vectors; element by element where there is none."""

    def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
        if usable():
            kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(given))
            return builder.call(_declare(builder.module, kind, name), given)
        table, codes = given[0], given[1]
        if parts > 1:
            order = ir.Constant(ir.VectorType(_INT32, parts * BYTES), list(range(parts * BYTES)))
            table = builder.shuffle_vector(given[0], given[2], order)
        found = ir.Constant(_VECTOR, ir.Undefined)
        for place in range(BYTES):
            at = ir.Constant(_INT32, place)
            code = builder.and_(builder.extract_element(codes, at), ir.Constant(_BYTE, parts * BYTES - 1))
            one = builder.extract_element(table, builder.zext(code, _INT32))
            found = builder.insert_element(found, one, at)
        return found

    return emit


def _look_up(_typing: Any, _table: Any, _codes: Any) -> Typed:  # noqa: ANN401
    return _WIDE(_WIDE, _WIDE), _looked_up("llvm.x86.avx512.permvar.qi.512", 1)


def _look_up_two(_typing: Any, _low: Any, _codes: Any, _high: Any) -> Typed:  # noqa: ANN401
    return _WIDE(_WIDE, _WIDE, _WIDE), _looked_up("llvm.x86.avx512.vpermi2var.qi.512", 2)


def _compare(sign: str) -> Callable[[Any, Any, Any], Typed]:
    def typed(_typing: Any, _one: Any, _other: Any) -> Typed:  # noqa: ANN401
        def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
            return builder.sext(builder.icmp_unsigned(sign, *given), _VECTOR)

        return _WIDE(_WIDE, _WIDE), emit

    return typed


def _combine(name: str) -> Callable[[Any, Any, Any], Typed]:
    def typed(_typing: Any, _one: Any, _other: Any) -> Typed:  # noqa: ANN401
        def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
            return getattr(builder, name)(*given)

        return _WIDE(_WIDE, _WIDE), emit

    return typed


def _spread(_typing: Any, _byte: Any) -> Typed:  # noqa: ANN401
    def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
        blank = ir.Constant(_VECTOR, ir.Undefined)
        one = builder.insert_element(blank, given[0], ir.Constant(_INT32, 0))
        return builder.shuffle_vector(one, blank, ir.Constant(ir.VectorType(_INT32, BYTES), [0] * BYTES))

    return _WIDE(types.uint8), emit


def _choose(_typing: Any, _asked: Any, _yes: Any, _no: Any) -> Typed:  # noqa: ANN401
    def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
        return builder.select(builder.icmp_unsigned("!=", given[0], _ZERO), given[1], given[2])

    return _WIDE(_WIDE, _WIDE, _WIDE), emit


def _shift(_typing: Any, _value: Any, _bits: Any) -> Typed:  # noqa: ANN401
    def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
        return builder.lshr(given[0], given[1])

    return _WIDE(_WIDE, _WIDE), emit


def _some(_typing: Any, _value: Any) -> Typed:  # noqa: ANN401
    def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
        bits = builder.bitcast(builder.icmp_unsigned("!=", given[0], _ZERO), ir.IntType(BYTES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(BYTES), 0))

    return types.boolean(_WIDE), emit


def _leading_zeros(_typing: Any, _word: Any) -> Typed:  # noqa: ANN401
    def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:  # noqa: ANN401
        return builder.ctlz(given[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), emit


load: Any = intrinsic(_load)
"""``load(array, row, column)``: sixty-four bytes from there on; the rows of ``array`` must lie together in memory."""

store: Any = intrinsic(_store)
"""``store(array, row, column, value)``: write them."""

look_up: Any = intrinsic(_look_up)
"""``look_up(table, codes)``: the byte of a table of 64 at each code; only the six low bits of a code count."""

look_up_two: Any = intrinsic(_look_up_two)
"""``look_up_two(low, codes, high)``: the same in a table of 128, its halves given apart; seven low bits count."""

both: Any = intrinsic(_combine("and_"))
"""Bits set in both values."""

either: Any = intrinsic(_combine("or_"))
"""Bits set in one of two values."""

differ: Any = intrinsic(_combine("xor"))
"""Bits that differ between two values."""

add: Any = intrinsic(_combine("add"))
"""Sums of bytes, modulo 256."""

spread: Any = intrinsic(_spread)
"""One byte, sixty-four times."""

equal: Any = intrinsic(_compare("=="))
"""255 where two bytes are equal, else 0."""

above: Any = intrinsic(_compare(">"))
"""255 where the first of two bytes is the larger, else 0."""

choose: Any = intrinsic(_choose)
"""``choose(asked, yes, no)``: bytes of ``yes`` where ``asked`` is not 0, else of ``no``."""

shift: Any = intrinsic(_shift)
"""``shift(value, bits)``: each byte shifted towards its low end by as many bits as the other value says."""

some: Any = intrinsic(_some)
"""Whether a byte is not 0."""

leading_zeros: Any = intrinsic(_leading_zeros)
"""Zeros above the highest bit of an uint64; 64 for 0. For every processor."""
