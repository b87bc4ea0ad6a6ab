"""What a server may be told: read from ``VALLES_…`` variables when asked, never at import."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.errors import InputError
from gis.messages import translator

_ = translator("api")


class Settings(BaseSettings):
    """Settings of one server.

    Examples
    --------
    >>> Settings(study="sequia").study
    'sequia'
    """

    model_config = SettingsConfigDict(env_prefix="VALLES_", frozen=True, extra="ignore")

    workspace: Path = Path("workspace")
    """Folder of the workspace that is served."""
    study: str = "base"
    """Name of the study shown when a reader names none."""
    page_limit: int = Field(default=10, ge=1)
    """Features of one page when a reader states no limit."""
    page_limit_max: int = Field(default=10_000, ge=1)
    """Most features that one page ever holds."""
    tile_max_age: int = Field(default=300, ge=0)
    """Seconds for which a tile may be kept without asking again."""
    refresh_seconds: float = Field(default=1.0, ge=0)
    """Shortest time, s, between two looks at the files for changes."""


def read_settings() -> Settings:
    """Return the settings that the environment states.

    Raises
    ------
    InputError
        If a variable has a value that cannot be used; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "VALLES_" + "_".join(str(part) for part in first["loc"]).upper()
        raise InputError(
            _("La variable {name} tiene un valor que no sirve: «{value}»").format(name=name, value=first["input"]),
            expected=str(first["msg"]),
            remedy=_("Corríjala o quítela del entorno."),
        ) from error
