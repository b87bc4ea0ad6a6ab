"""The raster themes of the catalogue: relief, climate, soil and land cover."""

from __future__ import annotations

from gis.messages import translator
from layers.catalogue.theme_records import Band, Theme

_ = translator("layers")

MONTHS = tuple(range(1, 13))
"""Numbers of the months, January first."""


def raster_themes() -> tuple[Theme, ...]:
    """Return the raster themes, in the order in which they are prepared."""
    return (*_elevation(), *_climate(), *_soil(), *_land_cover(), *_crops())


def _elevation() -> tuple[Theme, ...]:
    return (
        Theme(
            id="elevation",
            title=_("Elevación"),
            kind="raster",
            requirement="required",
            prepared="elevation",
            bands=(Band(name="elevation_m", unit="m", low=-430.0, high=8850.0),),
        ),
        Theme(id="elevation_check", title=_("Elevación de comprobación"), kind="raster", requirement="context"),
    )


def _monthly(name: str, unit: str, low: float, high: float) -> tuple[Band, ...]:
    return tuple(Band(name=f"{name}_{month:02d}", unit=unit, low=low, high=high) for month in MONTHS)


def _climate() -> tuple[Theme, ...]:
    records = (
        ("temperature_mean", _("Temperatura media mensual"), "degC", -40.0, 45.0),
        ("temperature_min", _("Temperatura mínima mensual"), "degC", -50.0, 40.0),
        ("temperature_max", _("Temperatura máxima mensual"), "degC", -35.0, 55.0),
        ("precipitation", _("Lluvia mensual"), "mm/month", 0.0, 3000.0),
    )
    monthly = tuple(
        Theme(
            id=name,
            title=title,
            kind="raster",
            requirement="required",
            prepared=name,
            bands=_monthly(name, unit, low, high),
        )
        for name, title, unit, low, high in records
    )
    return (
        *monthly,
        Theme(
            id="climate_annual_alternative",
            title=_("Segunda fuente de clima: medias anuales"),
            kind="raster",
            requirement="optional",
            bands=(
                Band(name="elevation_m", unit="m", low=-430.0, high=8850.0, aliases=("elevacion", "elevation")),
                Band(
                    name="temp_annual",
                    unit="degC",
                    low=-40.0,
                    high=45.0,
                    aliases=("temp_media_anual_bio1", "bio1", "mat"),
                ),
                Band(
                    name="rain_annual", unit="mm/year", low=0.0, high=13000.0, aliases=("precip_anual_bio12", "bio12")
                ),
            ),
        ),
    )


def _soil() -> tuple[Theme, ...]:
    return (
        Theme(
            id="soil",
            title=_("Suelo"),
            kind="raster",
            requirement="optional",
            prepared="soil",
            bands=(
                Band(name="clay_pct", unit="%", low=0.0, high=100.0, aliases=("arcilla_pct", "clay")),
                Band(name="sand_pct", unit="%", low=0.0, high=100.0, aliases=("arena_pct", "sand")),
                Band(name="silt_pct", unit="%", low=0.0, high=100.0, aliases=("limo_pct", "silt")),
                Band(name="ph_h2o", unit="pH", low=2.0, high=12.0, aliases=("ph", "phh2o")),
                Band(
                    name="organic_carbon_pct",
                    unit="%",
                    low=0.0,
                    high=60.0,
                    aliases=("carbono_organico_pct", "organic_carbon"),
                ),
                Band(name="total_nitrogen_pct", unit="%", low=0.0, high=5.0, aliases=("nitrogeno_total_pct",)),
                Band(
                    name="bulk_density_kg_dm3",
                    unit="kg/dm3",
                    low=0.05,
                    high=2.2,
                    aliases=("densidad_aparente_kg_dm3",),
                ),
                Band(
                    name="coarse_fragments_pct",
                    unit="%",
                    low=0.0,
                    high=100.0,
                    aliases=("fragmentos_gruesos_pct", "cfvo"),
                ),
            ),
        ),
        Theme(
            id="soil_depth",
            title=_("Profundidad del suelo"),
            kind="raster",
            requirement="optional",
            prepared="soil_depth",
            bands=(Band(name="soil_depth_cm", unit="cm", low=0.0, high=5000.0, aliases=("profundidad_cm",)),),
        ),
        Theme(
            id="soil_group",
            title=_("Grupo de suelo (WRB)"),
            kind="raster",
            requirement="context",
            prepared="soil_group",
            method="nearest",
            bands=(Band(name="soil_group", unit="class", low=0.0, high=200.0, aliases=("clase_mas_probable",)),),
        ),
    )


def _land_cover() -> tuple[Theme, ...]:
    return (
        Theme(
            id="land_cover",
            title=_("Cobertura de la tierra (clases de ESA WorldCover)"),
            kind="raster",
            requirement="optional",
            prepared="land_cover",
            method="mode",
            bands=(Band(name="land_cover", unit="class", low=1.0, high=254.0),),
        ),
    )


def _crops() -> tuple[Theme, ...]:
    return (
        Theme(
            id="crop_area",
            title=_("Superficie por cultivo, modelo mundial"),
            kind="raster",
            requirement="context",
            prepared="crop_area",
        ),
    )
