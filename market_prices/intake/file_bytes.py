"""The bytes of a file of prices, and the text they are: UTF-8 with or without a mark, UTF-16, or Windows' Latin-1."""

from __future__ import annotations

from pathlib import Path

from gis.atomic import storage_errors
from gis.errors import MissingError
from gis.messages import translator
from market_prices.price_errors import PriceFileError

_ = translator("market_prices")

_LONGEST_CHARACTER = 4


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of prices.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.StorageError
        It cannot be read.
    PriceFileError
        It is empty.
    """
    if not path.is_file():
        raise MissingError(
            _("No existe el archivo {path}").format(path=path), remedy=_("Revise el nombre y la carpeta")
        )
    with storage_errors(path):
        content = path.read_bytes()
    if not content.strip(b" \r\n\t\x00\xef\xbb\xbf"):
        raise PriceFileError(
            _("{name} está vacío").format(name=path.name),
            expected=_("Una fila de encabezados y filas de precios"),
            remedy=_("Vuelva a descargar o a guardar el archivo"),
        )
    return content


def utf8_text(content: bytes, name: str) -> bytes:
    """Return the text in UTF-8 without its mark, every line ended by a line feed.

    Parameters
    ----------
    content
        Bytes of the file.
    name
        What the file is called in messages.

    Raises
    ------
    PriceFileError
        It is no text, or is cut off inside its last character.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = content.decode("utf-16", errors="replace").encode()
    elif b"\x00" in content:
        raise PriceFileError(
            _("{name} no es un archivo de texto").format(name=name),
            expected=_("Un CSV, o la planilla XLSX u ODS del día de mercado"),
            remedy=_("Guárdelo como CSV, o use la planilla: valles prices template MUNICIPIO"),
        )
    else:
        plain = _from_eight_bits(content.removeprefix(b"\xef\xbb\xbf"), name)
    return plain.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in plain else plain


def _from_eight_bits(content: bytes, name: str) -> bytes:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        if error.start >= len(content) - _LONGEST_CHARACTER and error.reason == "unexpected end of data":
            raise cut_off(name, "") from error
        return content.decode("cp1252", errors="replace").encode()
    return content


def cut_off(name: str, found: str) -> PriceFileError:
    """Make the error about a file that ends too early; ``found`` says how that shows."""
    why = f": {found}" if found else ""
    return PriceFileError(
        _("{name} está cortado{why}").format(name=name, why=why),
        expected=_("Un archivo completo; no se importó nada"),
        remedy=_("Vuelva a descargar o a copiar el archivo"),
    )
