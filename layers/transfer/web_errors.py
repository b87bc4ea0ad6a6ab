"""What can go wrong on the way from the web, in words."""

from __future__ import annotations

from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.transfer.addresses import shown

_ = translator("layers")


class UnreachableError(MissingError):
    """Nobody answers: no network, no such host, a closed door, or silence."""


class RefusedError(MissingError):
    """The server answers and does not give the file."""

    absent = False
    """It has no such file."""


class UnexpectedContentError(InputError):
    """Something else came in the place of the file."""


class SourceChangedError(InputError):
    """The file changed while it was being read by parts."""


class NoRangesError(InputError):
    """The server gives a file only whole."""


def unreachable(address: str, why: object) -> UnreachableError:
    """Return the error for an address that nobody answers at."""
    return UnreachableError(
        _("No se pudo traer {address}: {why}").format(address=shown(address), why=why),
        expected=_("Una conexión que llegue hasta ese servidor"),
        remedy=_("Revise la conexión y repita la orden: sigue donde quedó. Sin internet, use --mirror"),
    )


def refused(address: str, status: int) -> RefusedError:
    """Return the error for a status that is no success."""
    found = _("{address} respondió {status}").format(address=shown(address), status=status)
    if status in {404, 410}:
        error = RefusedError(
            _("{found}: no existe").format(found=found),
            expected=_("El archivo en esa dirección"),
            remedy=_("Revise la dirección: el productor pudo mudarlo. Otra se escribe en territory.toml, [addresses]"),
        )
        error.absent = True
        return error
    if status in {401, 403}:
        return RefusedError(
            _("{found}: no deja entrar").format(found=found),
            expected=_("Un archivo de acceso abierto"),
            remedy=_("Descárguelo a mano y dé su carpeta en territory.toml, [addresses]"),
        )
    return RefusedError(
        found,
        expected=_("El archivo"),
        remedy=_("El servidor está ocupado o averiado: repita la orden más tarde; sigue donde quedó"),
    )


def wrong_page(address: str, name: str, what: str) -> UnexpectedContentError:
    """Return the error for a page, or other content, that came in the place of a file."""
    return UnexpectedContentError(
        _("{address} no dio {name} sino {what}").format(address=shown(address), name=name, what=what),
        expected=_("El archivo mismo"),
        remedy=_("Abra la dirección en un navegador: puede que la red pida iniciar sesión, o que el archivo se mudó"),
    )


def changed(address: str) -> SourceChangedError:
    """Return the error for a file that changed while it was read by parts."""
    return SourceChangedError(
        _("{address} cambió mientras se leía").format(address=shown(address)),
        expected=_("El mismo archivo desde el comienzo hasta el fin"),
        remedy=_("El productor lo está publicando de nuevo: repita la orden más tarde"),
    )


def wrong_sum(address: str, found: str, wanted: str) -> UnexpectedContentError:
    """Return the error for a file that twice had another SHA-256 than its producer states."""
    return UnexpectedContentError(
        _("{address} llegó dos veces con sha256 {found}…").format(address=shown(address), found=found[:12]),
        expected=_("sha256 {wanted}…").format(wanted=wanted[:12]),
        remedy=_("Está dañado en el servidor o en el camino, o el productor lo cambió: pruebe más tarde"),
    )
