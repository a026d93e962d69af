"""Loading: what is costly to make is made at its first use, once, whichever threads ask for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, cast, overload

Value = TypeVar("Value")


class loaded_once(Generic[Value]):  # noqa: N801 - a decorator, named like property
    """A property that one thread computes while the others wait; `functools.cached_property` has no lock since 3.12.

    Each object has a lock of its own for each such property. What fails is tried again at the next use.
    """

    def __init__(self, load: Callable[[Any], Value]) -> None:
        self._load = load
        self.__doc__ = load.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, _owner: type) -> loaded_once[Value]: ...

    @overload
    def __get__(self, instance: object, _owner: type) -> Value: ...

    def __get__(self, instance: object | None, _owner: type) -> loaded_once[Value] | Value:
        if instance is None:
            return self
        values = instance.__dict__  # once it is there, Python takes it from here and asks this class no more
        with values.setdefault(f"{self._name} is loading", RLock()):
            if self._name not in values:
                values[self._name] = self._load(instance)
            return cast("Value", values[self._name])
