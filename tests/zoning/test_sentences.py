from __future__ import annotations

from dataclasses import replace

import pytest

from zoning.study.sentences import Limitation, SentenceFacts, sentence, spanish_number, spanish_share, with_article

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


def test_the_best_class_has_no_limit_to_name() -> None:
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
    assert "casi empata con «frutales»" in text
    assert "sin nuevos desmontes en el 88 % de su superficie" in text
    assert "evaluada sin dato de profundidad del suelo y drenaje" in text
    assert text.count(".") == 1
    assert text.endswith(".")


def test_a_zone_that_is_not_rated_gives_its_reason() -> None:
    park = SentenceFacts(
        zone_name="Zona de conservación", subclass="", limitation=None, reason="es parque nacional (Amboró)"
    )
    assert sentence(park) == "Zona de conservación: es parque nacional (Amboró)."


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(-3.04, "degC", "-3 °C"), (0.04, "%", "0 %"), (1646, "m", "1646 m"), (5.85, "pH", "5,8"), (-0.01, "degC", "0 °C")],
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
