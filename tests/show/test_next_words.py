import pytest

from labs_lib.show.next_words import next_words, next_words_finding

WORDS = next_words("I am", [(" a", 0.5), (" the", 0.25), ("\n", 0.1)], [(" a", 0.45), ("\n", 0.2), (" the", 0.1)])


def test_changed_places_are_marked() -> None:
    assert WORDS.changed == (False, True, True)
    lines = WORDS.text.splitlines()
    assert lines[0] == "I am ..."
    assert [line.split() for line in lines[3:]] == [
        ["1", "'", "a'", "0.50", "'", "a'", "0.45"],
        ["2", "'", "the'", "0.25", "'\\n'", "*", "0.20"],
        ["3", "'\\n'", "0.10", "'", "the'", "*", "0.10"],
    ]


def test_the_finding_counts_places() -> None:
    expected = (
        "2 of 3 places have another token, 0 of 1 first places; no token that stays on its list moves by more than 0.15"
    )
    assert next_words_finding([WORDS]) == expected


def test_rankings_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="the same length, got 1 and 2"):
        next_words("I", [("a", 1.0)], [("a", 0.5), ("b", 0.5)])
