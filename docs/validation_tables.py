"""Tables of the page about validation, written from the rules that the program loads."""

from __future__ import annotations

from markdown_tables import table

from zoning.validation.survey_rules import load_survey_rules

_WATERS = {"irrigated": "con riego", "rainfed": "a secano", "": "ambos"}


def pages() -> dict[str, str]:
    """Return the generated pages, by name."""
    return {"survey_rules": survey_rules()}


def survey_rules() -> str:
    """Return which rows of a survey speak for which zone."""
    rules = load_survey_rules()
    rows = [
        (
            f"`{rule.zone}`",
            ", ".join(rule.crops) or ("todo cultivo anual" if rule.annual else "todos"),
            _WATERS[rule.water],
            rule.source,
        )
        for rule in rules.zones
    ]
    outside = ("fuera", ", ".join(rules.outside), _WATERS[""], "fuera del denominador")
    return f"{rules.title} ({rules.source}).\n\n" + table(
        ("zona", "comienzo del código de cultivo", "riego", "por qué"), [*rows, outside]
    )
