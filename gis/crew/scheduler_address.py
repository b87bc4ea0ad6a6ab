"""Where a scheduler is: an address, or the file it wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gis.crew.crew_error import AddressError, CrewError
from gis.messages import translator

_ = translator("gis")

_FILE = ".json"
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ucx|ws|wss)://)?[^/\s]+:(\d{1,5})")
_LAST_PORT = 65_535


def scheduler_address(text: str) -> str:
    """Return the address that a text is, or that the file of this name holds.

    Parameters
    ----------
    text
        ``tcp://host:8786``, or the scheduler file.

    Raises
    ------
    AddressError
        It is no address.
    CrewError
        The file is not there, or holds none.

    Examples
    --------
    >>> scheduler_address("tcp://127.0.0.1:8786")
    'tcp://127.0.0.1:8786'
    """
    place = _written_in(Path(text)) if text.endswith(_FILE) else text
    found = _ADDRESS.fullmatch(place)
    if found is None or not 1 <= int(found[1]) <= _LAST_PORT:
        raise AddressError(
            _("«{address}» no es la dirección de un planificador").format(address=place),
            expected=_("Se esperaba tcp://máquina:puerto, o el archivo .json que escribe el planificador"),
            remedy=_("Arránquelo con «dask scheduler»: dice su dirección"),
        )
    return place


def _written_in(file: Path) -> str:
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CrewError(
            _("{path} no está, o no dice dónde está el planificador").format(path=file),
            expected=_("Se esperaba el archivo que escribe el planificador al arrancar"),
            remedy=_("Arránquelo: dask scheduler --scheduler-file {path}").format(path=file),
        ) from error
