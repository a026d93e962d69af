"""What is made at its first use is made once, whichever threads ask for it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from assistant.loading import loaded_once


class Holder:
    """Counts how often its model is loaded."""

    def __init__(self, failures=0):
        self.loads = 0
        self.failures = failures

    @loaded_once
    def model(self):
        """The model."""
        self.loads += 1
        time.sleep(0.02)
        if self.loads <= self.failures:
            raise OSError("the disk is away")
        return object()


def test_threads_that_come_together_get_one_object():
    holder, together = Holder(), Barrier(8)

    def ask(_):
        together.wait()
        return holder.model

    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(ask, range(8)))
    assert holder.loads == 1
    assert len(set(map(id, models))) == 1


def test_each_object_has_its_own():
    one, other = Holder(), Holder()
    assert one.model is one.model
    assert one.model is not other.model


def test_what_fails_is_tried_again():
    holder = Holder(failures=1)
    with pytest.raises(OSError, match="away"):
        _ = holder.model
    assert holder.model is holder.model
    assert holder.loads == 2


def test_the_class_shows_its_documentation():
    assert Holder.model.__doc__ == "The model."
