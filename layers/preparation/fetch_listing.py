"""What a fetch has to do: its jobs, what it would bring, and what it cannot use or lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gis.errors import MissingError
from gis.messages import translator
from layers.catalogue.themes import theme, themes
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.preparation.fetch_report import FetchItem, failed_item
from layers.preparation.job import Job
from layers.preparation.prepare_climate import ALTERNATIVE, climate_jobs
from layers.preparation.prepare_crop_area import crop_area_jobs
from layers.preparation.prepare_rasters import raster_jobs
from layers.preparation.prepare_tables import table_jobs
from layers.preparation.prepare_vectors import PROTECTED, neighbour_job, vector_jobs
from layers.workspace import Workspace

_ = translator("layers")


@dataclass(frozen=True)
class Listing:
    """What a mirror offers a workspace."""

    workspace: Workspace
    mirror: Mirror
    sizes: Mapping[str, int | None]
    """File to its bytes, as far as they are known."""

    def jobs(self) -> Iterator[Job]:
        """Give the layers to prepare, other than the boundaries."""
        yield from raster_jobs(self.mirror)
        yield from climate_jobs(self.mirror, demo=self.workspace.territory.demo)
        context = theme("boundaries_context")
        neighbours = None if context is None else neighbour_job(self.mirror, context)
        if neighbours is not None:
            yield neighbours
        yield from vector_jobs(self.mirror)
        yield from table_jobs(self.mirror)
        yield from crop_area_jobs(self.mirror)

    def planned(self) -> Iterator[FetchItem]:
        """Give every layer as it would be prepared."""
        yield self.item("boundaries", "municipalities", [self.mirror.of("boundaries")])
        for job in self.jobs():
            yield self.item(job.theme.id, job.prepared, job.entries)

    def ignored(self) -> Iterator[FetchItem]:
        """Name what a mirror brings and nothing is prepared from, and what a zoning needs and it does not bring."""
        used = {job.theme.id for job in self.jobs()} | {"boundaries", ALTERNATIVE, PROTECTED[1]}
        for entry in self.mirror.layers:
            catalogued = theme(entry.theme)
            if catalogued is None:
                yield replace(
                    self.item(entry.theme, "", [entry]),
                    status="ignored",
                    detail=_("tema que el catálogo no conoce; se ignora"),
                )
            elif entry.theme not in used:
                yield replace(
                    self.item(entry.theme, "", [entry]),
                    status="ignored",
                    detail=_("no se prepara: se lee directamente donde hace falta"),
                )
        own = self.workspace.territory.boundaries
        for each in themes():
            brought = self.mirror.of(each.id) is not None or (each.id == "boundaries" and own)
            if each.requirement == "required" and each.id != "boundaries" and not brought:
                missing = MissingError(
                    _("El espejo no trae «{title}» ({theme})").format(title=each.title, theme=each.id),
                    expected=_("Una entrada con ese tema en mirror.toml"),
                )
                yield failed_item(self.item(each.id, each.prepared, []), missing)
        yield from self._absent_climate()

    def item(self, theme_id: str, prepared: str, entries: Iterable[MirrorLayer | None]) -> FetchItem:
        """Return the item of a layer made from some entries."""
        catalogued = theme(theme_id)
        known = [each for each in entries if each is not None]
        files = tuple(dict.fromkeys(each.file for each in known))
        sizes = [self.sizes.get(each) for each in files]
        return FetchItem(
            theme=theme_id,
            title=theme_id if catalogued is None else catalogued.title,
            prepared=prepared,
            status="planned",
            required=catalogued is not None and catalogued.requirement == "required",
            files=files,
            bytes=None if None in sizes or not sizes else sum(size for size in sizes if size is not None),
            licence="; ".join(dict.fromkeys(each.licence for each in known if each.licence)),
            attribution="; ".join(dict.fromkeys(each.attribution for each in known if each.attribution)),
            date="; ".join(dict.fromkeys(each.date for each in known if each.date)),
        )

    def _absent_climate(self) -> Iterator[FetchItem]:
        wanted = f"temperature_mean_{self.workspace.territory.climate}"
        made = [job.prepared for job in climate_jobs(self.mirror, demo=self.workspace.territory.demo)]
        if made and wanted not in made:
            others = sorted({name.rsplit("_", 1)[1] for name in made})
            missing = MissingError(
                _("El espejo no trae el clima «{name}» que pide territory.toml").format(
                    name=self.workspace.territory.climate
                ),
                expected=_("Trae: {names}").format(names=", ".join(others)),
                remedy=_("Cambie `climate` en territory.toml, o use un espejo que lo traiga"),
            )
            yield failed_item(self.item("temperature_mean", wanted, []), missing)
