from __future__ import annotations

from dataclasses import replace

import pytest

from zoning.study.sentences import Limitation, SentenceFacts, sentence, spanish_number, spanish_share, with_article
from zoning.study.zone_words import area_name

TOMATO = Limitation(
    crop="tomate",
    irrigated=True,
    title="la temperatura media del ciclo",
    value=18.2,
    unit="degC",
    limit=20.0,
    next_class="S1",
)
HORTICULTURE = SentenceFacts(zone_name="Zona hortícola bajo riego", subclass="S2t", limitation=TOMATO)


def test_the_sentence_of_the_method_is_written_word_for_word() -> None:
    assert sentence(HORTICULTURE) == (
        "Zona hortícola bajo riego, clase S2t: al tomate lo limita la temperatura media del ciclo "
        "(18,2 °C; desde 20 °C sería S1)."
    )


def test_a_feminine_crop_and_a_plural_factor_agree() -> None:
    vine = replace(TOMATO, crop="vid", title="las horas de frío", value=310, unit="h", limit=400.0, next_class="S2")
    text = sentence(replace(HORTICULTURE, limitation=vine, subclass="S3t"))
    assert "a la vid la limitan las horas de frío (310 h; desde 400 h sería S2)" in text


def test_a_value_above_its_limit_says_up_to_where() -> None:
    steep = replace(TOMATO, title="la pendiente", value=22.0, unit="%", limit=16.0)
    assert "lo limita la pendiente (22 %; hasta 16 % sería S1)" in sentence(replace(HORTICULTURE, limitation=steep))


def test_the_best_class_says_where_it_ends() -> None:
    best = replace(TOMATO, limit=16.0, next_class="S2", best=True)
    text = sentence(replace(HORTICULTURE, limitation=best, subclass="S1"))
    assert "lo más ajustado es la temperatura media del ciclo (18,2 °C; por debajo de 16 °C sería S2)" in text
    hot = replace(best, limit=26.0)
    assert "(18,2 °C; por encima de 26 °C sería S2)" in sentence(replace(HORTICULTURE, limitation=hot))


def test_a_value_close_to_its_limit_is_written_apart_from_it() -> None:
    near = replace(TOMATO, title="el pH del suelo", value=5.76, unit="pH", limit=5.8)
    assert "(5,76; desde 5,8 sería S1)" in sentence(replace(HORTICULTURE, limitation=near))


def test_the_sentence_says_which_variant_of_the_crop_was_rated() -> None:
    text = sentence(replace(HORTICULTURE, limitation=replace(TOMATO, months=(9, 1))))
    assert "; con riego, de septiembre a enero" in text
    rainfed = replace(TOMATO, months=(3, 2), irrigated=False)
    assert "; a secano, todo el año" in sentence(replace(HORTICULTURE, limitation=rainfed))


def test_a_zone_without_rival_says_so() -> None:
    assert "; ninguna otra zona compite aquí" in sentence(replace(HORTICULTURE, alone=True))


def test_less_than_one_per_cent_takes_no_article() -> None:
    text = sentence(replace(HORTICULTURE, restriction="sin nuevos desmontes", restriction_share=0.001))
    assert text.endswith("; sin nuevos desmontes en menos del 1 % de su superficie.")


@pytest.mark.parametrize(
    ("designation", "name", "called"),
    [
        ("Parque Nacional", "Iñao", "Parque Nacional Iñao"),
        ("Parque Nacional", "Parque Nacional Amboró (demo)", "Parque Nacional Amboró, demo"),
        (None, "Amboró", "Amboró"),
        ("Reserva", float("nan"), "Reserva"),
    ],
)
def test_a_protected_area_bears_its_designation_once_and_no_brackets(
    designation: object, name: object, called: str
) -> None:
    assert area_name(designation, name) == called


def test_without_a_limit_none_is_named() -> None:
    best = replace(TOMATO, limit=None, next_class=None)
    text = sentence(replace(HORTICULTURE, limitation=best, subclass="S1"))
    assert text.endswith(
        "clase S1: nada limita al tomate; lo más ajustado es la temperatura media del ciclo (18,2 °C)."
    )


def test_everything_else_a_planner_must_know_follows_in_the_same_sentence() -> None:
    text = sentence(
        replace(
            HORTICULTURE,
            class_share=0.62,
            second_title="el pH del suelo",
            runner_up_name="Frutales",
            conflict=True,
            restriction="sin nuevos desmontes",
            restriction_share=0.88,
            incomplete=("profundidad del suelo", "drenaje"),
            use_conflict="hoy es bosque el 40 %",
        )
    )
    assert "clase S2t en el 62 % de su superficie: " in text
    assert "después, el pH del suelo" in text
    assert "en disputa con «frutales»" in text
    assert "sin nuevos desmontes en el 88 % de su superficie" in text
    assert "calificación sin datos de profundidad del suelo y drenaje" in text
    assert text.count(".") == 1
    assert text.endswith(".")


def test_a_zone_that_is_not_rated_gives_its_reason() -> None:
    park = SentenceFacts(
        zone_name="Zona de conservación", subclass="", limitation=None, reason="es parque nacional (Amboró)"
    )
    assert sentence(park) == "Zona de conservación: es parque nacional (Amboró)."


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(-3.04, "degC", "−3 °C"), (0.04, "%", "0 %"), (1646, "m", "1646 m"), (5.85, "pH", "5,8"), (-0.01, "degC", "0 °C")],
)
def test_numbers_are_written_as_spanish_readers_write_them(value: float, unit: str, text: str) -> None:
    assert spanish_number(value, unit) == text


def test_a_share_that_is_not_whole_is_never_written_as_all() -> None:
    assert spanish_share(0.998) == "99 %"
    assert spanish_share(0.0) == "0 %"


def test_articles_agree_with_their_nouns() -> None:
    assert with_article("ciruelo") == "el ciruelo"
    assert with_article("caña de azúcar") == "la caña de azúcar"
    assert with_article("hortalizas") == "las hortalizas"
