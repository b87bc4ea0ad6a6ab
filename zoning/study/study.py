"""A study: one complete zoning on disk, opened, read, asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.workspace import Workspace
from zoning.study.factor_table import factor_table
from zoning.study.study_reading import read_aptitude, read_manifest, read_zones, study_folder
from zoning.study.summary import summarise_territory, summarise_zones


@dataclass(frozen=True, eq=False)
class Study:
    """One zoning of a workspace. Use :meth:`open`; the constructor checks nothing.

    Examples
    --------
    >>> study = Study.open("workspace", "base")  # doctest: +SKIP
    >>> study.zones[["zone", "class", "area_ha"]].head()  # doctest: +SKIP
    >>> study.explain(-63.87, -18.18)["explanation"]  # doctest: +SKIP
    >>> study.explore().save("mapa.html")  # doctest: +SKIP
    >>> study.export("estudio.zip")  # doctest: +SKIP
    """

    workspace: Workspace
    """Whose study it is."""
    name: str
    """Name of the study."""

    @classmethod
    def open(cls, workspace: Workspace | Path | str, name: str = "base") -> Study:
        """Open a study that is complete.

        Raises
        ------
        gis.errors.MissingError
            There is no such study; the message lists those there are.
        gis.errors.InputError
            The name is no name, or the folder is no workspace.
        """
        place = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
        study_folder(place, name)
        return cls(place, name)

    @property
    def folder(self) -> Path:
        """Where its files stand."""
        return self.workspace.study_dir(self.name)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What it is made of: rules, layers, scale, hashes.

        Raises
        ------
        gis.errors.InputError
            It is damaged.
        """
        return read_manifest(self.folder)

    @cached_property
    def zones(self) -> gpd.GeoDataFrame:
        """Polygons with their fields, in the projection of the territory.

        Raises
        ------
        gis.errors.InputError
            The file is damaged.
        """
        return read_zones(self.folder)

    @property
    def colours(self) -> dict[str, str]:
        """CSS colour of each zone by its code, in the order of the legend.

        Raises
        ------
        gis.errors.InputError
            The manifest is damaged.
        """
        return {each["zone"]: each["colour"] for each in self.manifest["zones"]}

    def summary(self, municipality: str | None = None) -> pd.DataFrame:
        """Return hectares and shares by municipality, zone and class; units are in ``attrs["units"]``.

        Parameters
        ----------
        municipality
            Code or any spelling of a name; ``None`` is every municipality.

        Raises
        ------
        gis.errors.MissingError
            There is no such municipality.
        """
        code = None if municipality is None else self.workspace.territory.municipality(municipality).code
        return summarise_zones(self.zones, code)

    def totals(self) -> pd.DataFrame:
        """Return hectares and shares of the whole territory by zone and class; units are in ``attrs["units"]``.

        Raises
        ------
        gis.errors.InputError
            The file is damaged.
        """
        return summarise_territory(self.zones)

    def aptitude(self, municipality: str | None = None) -> pd.DataFrame:
        """Return hectares by municipality, zone, overlay or chain, and class, whoever won the land.

        Parameters
        ----------
        municipality
            Code or any spelling of a name; ``None`` is every municipality.

        Returns
        -------
        pandas.DataFrame
            Columns of :data:`zoning.study.aptitude_table.COLUMNS`; units are in ``attrs["units"]``.

        Raises
        ------
        gis.errors.MissingError
            There is no such municipality, or the study was made without an aptitude map.
        """
        code = None if municipality is None else self.workspace.territory.municipality(municipality).code
        return read_aptitude(self.folder, code)

    def explain(self, lon: float, lat: float) -> dict[str, Any]:
        """Say why a point is what it is, with every land-use type and factor.

        Parameters
        ----------
        lon, lat
            Degrees, WGS84.

        Returns
        -------
        dict
            ``zone``, ``class``, ``limiting``, ``runner_up``, ``margin``, ``explanation``, ``land_use_types`` and more:
            see :func:`zoning.study.explanation.explain_point`.

        Raises
        ------
        gis.errors.InputError
            The point lies outside the territory, or is no place.
        """
        from zoning.study.explanation import explain_point  # noqa: PLC0415  loads rules and kernel, which reading needs not

        return explain_point(self.workspace, self.name, lon=lon, lat=lat)

    def factors(self, lon: float, lat: float) -> pd.DataFrame:
        """Return the reasons of a point as a table: a row for every factor of every land-use type, the best first.

        Parameters
        ----------
        lon, lat
            Degrees, WGS84.

        Returns
        -------
        pandas.DataFrame
            Columns of :data:`zoning.study.factor_table.COLUMNS`; ``value`` is in the unit of the column ``unit``.

        Raises
        ------
        gis.errors.InputError
            The point lies outside the territory, or is no place.
        """
        return factor_table(self.explain(lon, lat))

    def diff(self, other: Study) -> Any:  # noqa: ANN401  a StudyDiff, whose room stands above this one
        """Compare this study with another of the same territory.

        Parameters
        ----------
        other
            What this one becomes.

        Returns
        -------
        zoning.comparison.study_diff.StudyDiff
            ``matrix()``, ``transitions()``, ``changes``, ``investments``, ``explore()``, ``write(file)``.

        Raises
        ------
        gis.errors.InputError
            They are of different territories, or a file is damaged.

        Examples
        --------
        >>> warm = Study.open("workspace", "calor_sequia")  # doctest: +SKIP
        >>> found = Study.open("workspace").diff(warm)  # doctest: +SKIP
        >>> found.matrix()  # hectares from zone to zone  # doctest: +SKIP
        >>> found.transitions().head()  # each change with the factor that made it  # doctest: +SKIP
        """
        return import_module("zoning.comparison.study_diff").diff_studies(self, other)

    def export(self, path: Path | str) -> Path:
        """Write the study, its summary or its polygons to one file for others.

        Parameters
        ----------
        path
            Where; its suffix says what: see :func:`zoning.study.study_export.export_study`.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        gis.errors.InputError
            The suffix is none of those known.
        gis.errors.StorageError
            The disk refuses.

        Examples
        --------
        >>> Study.open("workspace", "base").export("resumen.xlsx")  # doctest: +SKIP
        """
        written: Path = import_module("zoning.study.study_export").export_study(self, path)
        return written

    def explore(self) -> Any:  # noqa: ANN401  folium ships no types
        """Return an interactive map of the zones, with the reason of each, that needs no network.

        Returns
        -------
        folium.Map
            Shows itself in a notebook; ``.save("mapa.html")`` writes a page that opens anywhere.

        Raises
        ------
        gis.errors.InputError
            The file is damaged.
        """
        from layers.webmap import web_map  # noqa: PLC0415  loads folium, which only maps need
        from zoning.study.zone_layers import shown_fields, zone_layer  # noqa: PLC0415  as above

        return web_map(zone_layer(self.workspace, self.name), shown=shown_fields())
