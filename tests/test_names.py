"""Names of authors in one string."""

from __future__ import annotations

import pytest

from assistant.names import bears, name_key, names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada Lovelace", ("Ada Lovelace",)),
        ("Lovelace, Ada", ("Lovelace, Ada",)),
        ("Ada Lovelace; Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("Lovelace, Ada; Turing, Alan", ("Lovelace, Ada", "Turing, Alan")),
        ("Lovelace, Ada and Turing, Alan", ("Lovelace, Ada", "Turing, Alan")),
        ("van der Maaten, Laurens and Hinton, Geoffrey", ("van der Maaten, Laurens", "Hinton, Geoffrey")),
        ("Ada Lovelace, Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("Ada Lovelace, Alan Turing and Grace Hopper", ("Ada Lovelace", "Alan Turing", "Grace Hopper")),
        ("Ada Lovelace, Alan Turing, & Grace Hopper", ("Ada Lovelace", "Alan Turing", "Grace Hopper")),
        ("Lovelace, A., Turing, A.M., and Hopper, G.", ("Lovelace, A.", "Turing, A.M.", "Hopper, G.")),
        ("Vaswani, Ashish and others", ("Vaswani, Ashish",)),
        ("Ashish Vaswani et al.", ("Ashish Vaswani",)),
        ('["Ada Lovelace", "Alan Turing"]', ("Ada Lovelace", "Alan Turing")),
        ("['Ada Lovelace', \"Conan O'Brien\"]", ("Ada Lovelace", "Conan O'Brien")),
        ("Alexander Sanderson", ("Alexander Sanderson",)),
        ("  ;, ", ()),
        ("[" * 100_000, ()),
    ],
    ids=lambda value: str(value)[:40],
)
def test_names_are_taken_apart_in_every_form_tools_write(text, names):
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("name", "wanted", "same"),
    [
        ("Victor Sanh", "Sanh, V.", True),
        ("Sanh, Victor", "victor SANH", True),
        ("Émile Côté", "E. Cote", True),
        ("J. K. Rowling", "Joanne Rowling", True),
        ("J. K. Rowling", "Joanne", False),
        ("Google", "G. Hinton", False),
        ("Geoffrey Hinton", "G. Hinton", True),
        ("Geoffrey Hinton", "Y. Hinton", False),
        ("Ada Lovelace", "A", True),
        ("Ada Lovelace", "A. L.", True),
        ("Ada Lovelace", "B.", False),
        ("Alexander Sanderson", "Alex", False),
        (".", "Ada", False),
        ("Ada", ".", False),
    ],
)
def test_a_name_is_borne_in_any_order_with_initials_and_without_accents(name, wanted, same):
    assert bears(name_key(name), wanted) == same
