"""The simulated data are what they are said to be, and the chapter's numbers nearly so."""

from __future__ import annotations

from validation import chapter
from validation.made import simulated


def test_the_simulated_files_are_what_their_generator_makes() -> None:
    for make in (simulated.counties, simulated.slopes):
        written = simulated.load(make.__name__)
        made = make().astype({written.columns[0]: "category"})
        assert written.equals(made)


def test_the_simulated_designs_are_unbalanced_as_the_chapter_has_them() -> None:
    counties, slopes = simulated.load("counties"), simulated.load("slopes")
    assert (len(counties), counties["county"].nunique()) == (1000, 52)
    sizes = counties["county"].value_counts()
    assert sizes.max() > 5 * sizes.min()
    assert slopes["group"].value_counts().nunique() > 5


def test_the_chapters_numbers_are_right_to_the_digits_of_its_optimiser() -> None:
    """At least four digits, or an error below 5e-5."""
    numbers = chapter.printed_numbers()
    assert len(numbers) == 60
    for number in numbers:
        half_unit = 0.5 * 10.0 ** -len(number.printed.split(".")[1])
        off = abs(float(number.printed) - number.right)
        assert off <= half_unit or number.digits > 4 or off < 5e-5, number
