"""``python -m assistant.models.verify FILE``: load a chat model in a process that may crash without harm."""

from __future__ import annotations

import sys
from pathlib import Path

from assistant.errors import ModelError
from assistant.models.engine import Engine, PromptTokens
from assistant.quiet import quiet

if __name__ == "__main__":
    quiet()
    try:
        engine = Engine(Path(sys.argv[1]), context_tokens=512, threads=1)
        prompt = PromptTokens([], engine.tokenize("One word", special=False))
        next(engine.generate(prompt, max_tokens=1, temperature=0.0, seed=0), None)
        engine.close()
    except ModelError as error:
        sys.exit(str(error))
