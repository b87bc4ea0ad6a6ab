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
    return {**_map_itself(), **_panel(), **_reason(), **_chain(), **_prices(), **_trial(), **_trial_choices()}


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


def _trial() -> dict[str, str]:
    return {
        "trial_asking": _("Calculando el ensayo…"),
        "trial_needs": _(
            "Este valor cae entre los que la pila distingue: habría que leer {layers} ({what}), unos {seconds} s."
        ),
        "trial_exact": _("El servidor no lee capas por un cambio enviado; el valor exacto lo da zoning.what_if."),
        "trial_nearest": _("Con estos valores se dibuja ahora mismo:"),
        "trial_use": _("Usar {value}"),
        "trial_stale": _("El mapa sigue mostrando el ensayo anterior."),
        "trial_retry": _("Reintentar"),
        "trial_see": _("Ver en el mapa"),
        "trial_seen_trial": _("Ensayo"),
        "trial_seen_study": _("Estudio"),
        "trial_reset": _("Quitar el ensayo"),
        "trial_copy": _("Copiar enlace"),
        "trial_copied": _("Enlace copiado."),
        "trial_link": _("Enlace del ensayo"),
        "trial_toml": _("Bajar TOML"),
        "trial_toml_long": _("Bajar las líneas para ruleset.toml (TOML)"),
        "trial_json": _("JSON"),
        "trial_json_long": _("Bajar el cambio para enviarlo o abrirlo otra vez (JSON)"),
        "trial_open_file": _("Abrir un cambio descargado (JSON)…"),
        "trial_bad_file": _("«{file}» no es un cambio descargado de este mapa."),
        "trial_before": _("Antes"),
        "trial_after": _("Ensayo"),
        "trial_change": _("Diferencia"),
        "trial_caption": _("{name}: hectáreas por zona antes y con el ensayo."),
        "trial_cells": _(
            "Cuenta celdas, antes de unirlas en polígonos de la unidad mínima: "
            "«antes» se acerca al estudio sin ser igual."
        ),
        "trial_moved": _("Cambian de zona al menos {area} ha en {name}."),
        "trial_nothing_moves": _("En {name} no cambia la zona de ninguna celda."),
        "trial_choose": _("Elija un municipio para ver sus hectáreas antes y después."),
        "trial_changes": _("Cambios del ensayo"),
        "trial_remove": _("Quitar: {what}"),
        "trial_unknown": _(
            "{reason}. El servidor ya no conoce el ensayo de este enlace: para repetirlo, elija otra vez los cambios, "
            "abra el JSON que descargó, o pida a quien lo compartió que lo abra de nuevo."
        ),
        "trial_reason": _("Explica el estudio, no el ensayo."),
        "trial_tip": _("En el estudio: {zone}"),
        "trial_sheet": _("ENSAYO, NO ES UN ESTUDIO: no se ha guardado nada. Cambios: {changes}"),
    }


def _trial_choices() -> dict[str, str]:
    return {
        "trial_kind": _("Qué cambiar"),
        "trial_kind_limit": _("Límite de un cultivo"),
        "trial_kind_gate": _("Condición de acceso"),
        "trial_kind_minimum": _("Clase mínima de una zona"),
        "trial_kind_order": _("Orden de las zonas"),
        "trial_kind_protected": _("Áreas protegidas"),
        "trial_kind_slope": _("Pendiente de bosque por ley"),
        "trial_crop": _("Cultivo"),
        "trial_factor": _("Característica"),
        "trial_limit": _("Límite"),
        "trial_low_s1": _("S1 desde"),
        "trial_low_s2": _("S2 desde"),
        "trial_low_s3": _("S3 desde (con menos, N)"),
        "trial_high_s1": _("S1 hasta"),
        "trial_high_s2": _("S2 hasta"),
        "trial_high_s3": _("S3 hasta (con más, N)"),
        "trial_at_most": _("a lo sumo"),
        "trial_at_least": _("al menos"),
        "trial_gate": _("Acceso"),
        "trial_condition": _("Condición"),
        "trial_ungate": _("No pedir este acceso ({zones})"),
        "trial_ungated": _("no se pide"),
        "trial_minimum": _("Clase mínima"),
        "trial_weight": _("Peso"),
        "trial_today": _("En el estudio: {value}"),
        "trial_bad_number": _("«{text}» no es un número."),
        "trial_up": _("Subir {zone}"),
        "trial_down": _("Bajar {zone}"),
        "trial_order_note": _(
            "En la misma clase se sirve primero la de arriba. Los pesos no están: ordenan dentro de una clase y no "
            "mueven ninguna zona."
        ),
        "trial_makes_nothing": _("nada"),
        "trial_makes_restriction": _("restricción: la zona queda"),
        "trial_slope": _("Bosque por ley desde"),
        "trial_not_applied": _("No se ofrece, porque aquí no decide: {what}."),
    }
