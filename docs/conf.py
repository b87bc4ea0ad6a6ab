"""Sphinx configuration: the pages are Spanish, the reference is read from the code."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as installed
from pathlib import Path

os.environ["VALLES_LANGUAGE"] = "es"
sys.path.insert(0, str(Path(__file__).parent))

import tables

project = "Valles"
author = "Valles"
copyright = "2026, Valles"
release = version = installed("valles")
language = "es"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "**.ipynb_checkpoints", "_generated"]
html_theme = "furo"
html_title = "Valles"
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autosummary_generate = False
suppress_warnings = ["myst.header", "toc.not_included"]

tables.write_all(Path(__file__).parent / "_generated")
