"""What a product's raster must look like, and the refusal of one that does not."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.rasters.native import NativeRaster, native_raster
from layers.sources.product import Supply, Wanted

_ = translator("layers")

GEOGRAPHIC = "WGS 84"
HOMOLOSINE = "Goode Homolosine"
_CELL_SLACK = 1e-6


@dataclass(frozen=True, kw_only=True)
class ExpectedRaster:
    """Cell type, projection, cell and bands of the files of a product."""

    product: str
    """Title of the product, for messages."""
    crs: str
    """``WGS 84`` for degrees of that datum, or the name of the projection's method."""
    dtypes: tuple[str, ...]
    """numpy names of the cell types that its files may have."""
    width: float | None = None
    """Width of a cell in the unit of the projection; ``None`` is not looked at."""
    height: float | None = None
    """Height of a cell in the unit of the projection; ``None`` is not looked at."""
    bands: int = 1

    def require(self, raster: NativeRaster) -> None:
        """Refuse a raster that is not what the product's description says.

        Raises
        ------
        gis.errors.InputError
            Its cell type, projection, cell or number of bands is another.
        """
        lattice = raster.lattice
        cell = (lattice.width, lattice.height)
        for size, wanted in zip(cell, (self.width, self.height), strict=True):
            if wanted is not None and abs(size / wanted - 1.0) > _CELL_SLACK:
                expected = " × ".join("…" if each is None else f"{each:.10g}" for each in (self.width, self.height))
                self.refuse(
                    raster,
                    _("celdas de {cell}").format(cell=" × ".join(f"{each:.10g}" for each in cell)),
                    expected=_("Celdas de {cell}").format(cell=expected),
                )
        if not self._is_projection(raster):
            self.refuse(raster, _("proyección «{name}»").format(name=lattice.crs.name), expected=f"«{self.crs}»")
        if raster.dtype not in self.dtypes:
            self.refuse(
                raster,
                _("celdas de tipo {dtype}").format(dtype=raster.dtype),
                expected=_("Celdas de tipo {dtypes}").format(dtypes=", ".join(self.dtypes)),
            )
        if raster.bands != self.bands:
            self.refuse(
                raster,
                _("{count} bandas").format(count=raster.bands),
                expected=_("{count} bandas").format(count=self.bands),
            )

    def refuse(self, raster: NativeRaster, found: str, *, expected: str) -> None:
        """Refuse a raster in the words every product uses.

        Raises
        ------
        gis.errors.InputError
            Always.
        """
        raise InputError(
            _("{file} no es del producto «{product}»: {found}").format(
                file=raster.name, product=self.product, found=found
            ),
            expected=expected,
            remedy=_("Vuelva a descargarlo, o corrija la dirección del producto en territory.toml (`addresses`)"),
        )

    def _is_projection(self, raster: NativeRaster) -> bool:
        crs = raster.lattice.crs
        if self.crs == GEOGRAPHIC:
            return crs.is_geographic and crs.ellipsoid is not None and "WGS" in crs.ellipsoid.name
        operation = crs.coordinate_operation
        return operation is not None and self.crs in operation.method_name


def opened(stack: ExitStack, supply: Supply, wanted: Iterable[Wanted]) -> list[tuple[Wanted, NativeRaster]]:
    """Open the rasters of a supply that are there; those that may be absent and are, are left out.

    Raises
    ------
    gis.errors.VallesError
        One is damaged, or is absent and must not be.
    """
    found = []
    for each in wanted:
        source = supply.raster(each)
        if source is None and not each.may_be_absent:
            raise MissingError(_("Falta {name}").format(name=each.name), expected=each.address)
        if source is not None:
            found.append((each, stack.enter_context(native_raster(source))))
    return found
