"""How many threads decode: all of them, until another process keeps one of their cores.

The threads of llama.cpp wait for each other hundreds of times a token. Where one of them has to wait for its core, two
threads decode 2 to 20 tokens a second and one thread 50 to 90 (two cores, SmolLM2-135M).
"""

from __future__ import annotations

from dataclasses import dataclass, field

_TOO_SLOW = 1.2  # times as long as one thread takes: several threads are faster than one, unless they are kept waiting
_IN_A_ROW = 2  # tokens that are too slow; a single one may be chance
_SHORTEST, _LONGEST = 16, 256  # tokens decoded by one thread before all of them are tried again


@dataclass(slots=True)
class Pace:
    """Chooses the number of threads for each token by how long the tokens before it took.

    Attributes:
        most: How many threads there are.
        alone_s: Seconds a token takes one thread, the least that was seen.
        threads: How many the next token gets.
    """

    most: int
    alone_s: float = float("inf")
    threads: int = field(init=False)
    _alone: int = field(init=False, default=0)
    _slow: int = field(init=False, default=0)
    _patience: int = field(init=False, default=_SHORTEST)

    def __post_init__(self) -> None:
        self.threads = self.most

    def took(self, seconds: float) -> None:
        """Note how long a token took with `threads`, and choose for the next."""
        if self.threads == 1:
            self.alone_s = min(self.alone_s, seconds)
            self._alone += 1
            if self._alone >= self._patience:
                self.threads, self._alone = self.most, 0
        elif seconds <= _TOO_SLOW * self.alone_s:
            self._slow, self._patience = 0, _SHORTEST
        else:
            self._slow += 1
            if self._slow >= _IN_A_ROW:
                self.threads, self._slow = 1, 0
                self._patience = min(2 * self._patience, _LONGEST)
