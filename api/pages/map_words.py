"""Every word the map's script shows, looked up here so that the catalogues hold them too."""

from __future__ import annotations

from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES

_ = translator("api")
_of_zoning = translator("zoning")
_ARTICLES = ("el ", "la ", "los ", "las ", "the ")


def map_groups() -> tuple[tuple[str, str], ...]:
    """Return the groups of map layers a reader may switch: the script's name and the reader's."""
    return (
        ("hillshade", _("Relieve")),
        ("streams", _("Ríos")),
        ("roads", _("Caminos")),
        ("settlements", _("Comunidades")),
        ("codes", _("Códigos")),
    )


def map_words() -> dict[str, str]:
    """Return the script's messages by key; ``{places}`` are filled in the browser."""
    return {**_map_itself(), **_panel(), **_reason(), **_chain(), **_prices()}


def characteristic_words() -> dict[str, str]:
    """Return what a reader calls each land characteristic, by its key without months.

    Examples
    --------
    >>> characteristic_words()["slope"]
    'Pendiente'
    """
    return {name: _as_title(_of_zoning(quantity.title)) for name, quantity in QUANTITIES.items()}


def _as_title(text: str) -> str:
    bare = next((text[len(article) :] for article in _ARTICLES if text.startswith(article)), text)
    return bare if bare[1:2].isupper() else bare[:1].upper() + bare[1:]


def _map_itself() -> dict[str, str]:
    return {
        "map_label": _("Mapa de zonas. Flechas: mover; más y menos: acercar y alejar; Intro: por qué en el centro"),
        "zoom_in": _("Acercar"),
        "zoom_out": _("Alejar"),
        "no_answer": _("El servidor no responde. Vuelva a intentarlo."),
    }


def _panel() -> dict[str, str]:
    return {
        "whole_territory": _("Todo el territorio ({n} municipios)"),
        "scale": _("Escala 1:{scale}"),
        "cell": _("celda de {cell} m"),
        "honest_scale": _("datos fiables hasta 1:{scale}"),
        "paper_scale": _("Escala en papel ≈ 1:{scale}"),
        "show_only": _("Ver solo: {zone}"),
        "show_all": _("Ver todas las zonas"),
        "shares": _("Parte de cada zona"),
        "table_caption": _("{name}: hectáreas por zona y clase de aptitud. s/c: zona sin clase."),
        "zone": _("Zona"),
        "total": _("Total"),
        "no_class": _("s/c"),
        "no_class_long": _("Sin clase"),
        "sheet_up": _("Subir el panel"),
        "sheet_down": _("Bajar el panel"),
        "compare_none": _("Ningún otro estudio"),
        "compared": _("Con «{to}» cambian {area} ha ({percent} %). El color es el de la zona a la que pasa la tierra."),
    }


def _prices() -> dict[str, str]:
    return {
        "price_product": _("Producto"),
        "price_last": _("Último precio"),
        "price_alert": _("Nivel de alerta"),
        "price_until": _("Hasta el día"),
        "price_newest": _("Al último dato: {day}"),
        "price_place": _("Municipio"),
        "price_day": _("Día"),
        "price_none": _("Todavía no hay precios cargados."),
        "price_national": _("índice nacional"),
        "price_note": _("Rayado: precio de referencia, de otro mercado. Pálido: de hace más de 60 días, no es de hoy."),
        "price_other_unit": _("Sin color: precios en otra medida, que no se pueden comparar."),
        "price_alert_note": _("Cuánto se aparta el último mes de lo usual: ALPS, o IFPA donde faltan años de precios."),
        "basis_alps": _("ALPS"),
        "basis_alps_real": _("ALPS real"),
        "basis_ifpa": _("IFPA"),
        "basis_ifpa_real": _("IFPA real"),
    }


def _reason() -> dict[str, str]:
    return {
        "outside": _("Este punto está fuera de las zonas del estudio."),
        "nothing_here": _("Sin zona"),
        "close": _("Cerrar"),
        "limiting": _("Factor limitante"),
        "second_limiting": _("Segundo limitante"),
        "runner_up": _("Zona alternativa"),
        "margin": _("Margen"),
        "restriction": _("Restricción"),
        "incomplete": _("Incompleto"),
        "conflict": _("Empate"),
        "conflict_text": _("Casi empate con la zona alternativa"),
        "area": _("Superficie"),
        "no_explanation": _("El estudio no trae explicación para este polígono."),
        "point": _("Punto consultado: {lat}, {lon}"),
        "whole_chain": _("Ver toda la cadena"),
        "loading": _("Cargando…"),
    }


def _chain() -> dict[str, str]:
    return {
        "chain_title": _("Tipos de uso evaluados en esta celda"),
        "chain_note": _("Cada cultivo vale lo que su peor factor. Abra una línea para ver valores, límites y fuentes."),
        "cell_differs": _("La celda exacta es {zone}; al formar el polígono se unió a su zona vecina."),
        "no_types": _("Aquí no se evaluó ningún tipo de uso: la zona viene dada por una capa."),
        "no_factors": _("Sin factores evaluados."),
        "factor": _("Factor"),
        "value": _("Valor"),
        "limits": _("S1 / S2 / S3"),
        "closed": _("sin acceso o con corte"),
        "no_weight": _("no decide: dato sin resolución suficiente"),
        "use_conflict": _("Uso actual"),
        "stability": _("Estabilidad"),
        "stability_of_draws": _("{share} de los sorteos"),
        "stability_unknown": _("sin dato"),
        "draws": _("estabilidad de {n} sorteos; el límite entre FRU, VID y ANU se lee con ella"),
        "no_draws": _("estabilidad: sin dato; el límite entre FRU, VID y ANU no está probado"),
        "stability_0": _("menos de 40 % de los sorteos"),
        "stability_1": _("de 40 a 60 %"),
        "stability_2": _("de 60 a 80 %"),
        "stability_3": _("80 % o más: estable"),
        "stability_4": _("sin dato"),
        "class": _("Clase"),
        "no_data": _("sin dato"),
        "overlays_title": _("Turismo y artesanía en este lugar"),
        "overlays_note": _("Se superponen a la zona y no compiten con ella."),
        "chain_of": _("Aptitud de la cadena {chain}, gane la zona que gane. Cuenta lo mejor de: {members}."),
        "chain_incomplete": _("incompleto: {what}"),
        "water_rainfed": _("secano"),
        "water_irrigated": _("riego"),
        "management_drip": _("goteo"),
        "management_grazing": _("pastoreo"),
        "management_hand": _("a mano"),
        "management_mechanised": _("mecanizado"),
        "management_irrigated_field": _("parcela regada"),
    }
