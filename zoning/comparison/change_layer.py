"""The changes between two studies described as a map layer."""

from __future__ import annotations

from collections.abc import Collection

from gis.messages import translator
from layers.map_layer import LayerDescription, LegendEntry
from layers.serving.vector_layer import NO_EXTENT
from zoning.study.study import Study

_ = translator("zoning")

LAYER = "changes"
"""Name of the layer in files and on maps."""


def change_description(first: Study, second: Study, reached: Collection[str]) -> LayerDescription:
    """Describe the changes from one study to another; the legend names the zones that land changes to.

    Parameters
    ----------
    first, second
        The studies.
    reached
        Codes of the zones that land changes to.
    """
    manifest = second.manifest
    notice = str(manifest.get("notice") or "")
    title = _("Cambios de «{first}» a «{second}»").format(first=first.name, second=second.name)
    return LayerDescription(
        id=LAYER,
        title=f"{title} · {notice}" if manifest["demo"] and notice else title,
        description=_("Tierra cuya zona o clase cambia, con el factor que la cambia"),
        geometry="polygon",
        extent=NO_EXTENT,
        licence="; ".join(dict.fromkeys(each["licence"] for each in manifest["layers"] if each["licence"])),
        attribution="; ".join(dict.fromkeys(each["attribution"] for each in manifest["layers"] if each["attribution"])),
        legend=tuple(
            LegendEntry(value=each["zone"], label=each["name"], colour=each["colour"])
            for each in manifest["zones"]
            if each["zone"] in reached
        ),
        styled_property="to_zone",
        provenance=tuple(manifest["layers"]),
        demo=bool(manifest["demo"]),
    )
