"""The languages that the page speaks; the first one is at the root of the address."""

from __future__ import annotations

from ui.german import GERMAN
from ui.texts import ENGLISH, Texts

LANGUAGES: tuple[Texts, ...] = (ENGLISH, GERMAN)
