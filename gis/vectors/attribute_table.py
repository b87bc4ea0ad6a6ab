"""The attributes of a vector file without its shapes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pandas as pd
import pyogrio
import pyogrio.errors

from gis.errors import InputError, MissingError
from gis.messages import translator

_ = translator("gis")


def read_attributes(path: Path | str, *, layer: str | None = None, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return columns of a vector file in the order of its features; those that it has not are left out.

    Parameters
    ----------
    path
        The file, or a member of an archive.
    layer
        Which layer; by default the first.
    columns
        Attributes wanted; empty is all.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is no vector file.
    """
    if not str(path).startswith("/vsizip/") and not Path(path).exists():
        raise MissingError(_("No existe el archivo {path}").format(path=path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            known = pyogrio.read_info(path, layer=layer)["fields"]
            wanted = [name for name in columns if name in known] if columns else None
            read = pyogrio.read_dataframe(path, layer=layer, columns=wanted, read_geometry=False)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise InputError(
            _("{path} no se puede leer como capa vectorial: {reason}").format(path=path, reason=str(error)[:160]),
            remedy=_("El archivo está dañado, cortado o es de otro tipo: vuelva a descargarlo"),
        ) from error
    return cast("pd.DataFrame", read)


def geometry_kind(path: Path | str, *, layer: str | None = None) -> str:
    """Return ``point``, ``line`` or ``polygon``: what a layer says its features are; ``polygon`` where it does not.

    Raises
    ------
    MissingError
        When there is no such file.
    InputError
        When it is no vector file.
    """
    if not Path(path).exists():
        raise MissingError(_("No existe el archivo {path}").format(path=path))
    try:
        told = str(pyogrio.read_info(path, layer=layer)["geometry_type"] or "")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(
            _("{path} no se puede leer como capa vectorial: {reason}").format(path=path, reason=str(error)[:160])
        ) from error
    return next((kind for kind, word in (("point", "Point"), ("line", "LineString")) if word in told), "polygon")
