"""Compiling an embedding model, once: in a process of its own, checked against the original, kept in the home."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
import uuid
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.models.files import digest
from assistant.models.runtimes import Role
from assistant.models.runtimes.compiled import FACTS, GRAPH, POOLING, TOKENIZER, WEIGHTS, Compiled, Facts, openvino

if TYPE_CHECKING:
    from assistant.models.runtimes.reference import Reference

UNFIT = "unfit.txt"
"""Lies where a compiled model would, and says why there is none: it is not tried again."""

_ALIKE = 0.999  # least cosine between the vectors of a text; bfloat16 alone gives 0.9999
_ALIKE_TOKENS = 0.99  # the same for the mean over a text's tokens
_ROLES: tuple[Role, ...] = ("document", "query")
_SAMPLE = (
    "Bees",
    "Which of the two methods needs fewer labelled examples?",
    "",
    "Überraschend: naïve β-carotene μ-tests, 12.5 % (p < 0.01) — “quoted” \\alpha_{i} 数据 данные",
    "RETRIEVAL WITH LATE INTERACTION, isn't it? e.g. 3-shot GPT-4o vs. BM25; see http://example.org/a_b?c=1",
    "We study how colonies of honey bees keep warm in winter. Sensors were placed in forty hives over three years. "
    "Temperature at the core stayed between 32.1 and 35.8 degrees, whatever the weather was like outside. " * 2,
    "A sentence that goes on and on, " * 120,
)


def prepare(source: Path, kept: Path) -> bool:
    """Say whether ``kept`` holds the compiled form of the model in ``source``, which is made now if it is missing.

    Where it cannot be made, the model's own library computes instead: nothing here is an error.
    """
    if is_sound(kept):
        return True
    if (kept / UNFIT).is_file() or importlib.util.find_spec("openvino") is None or not _writable(kept.parent):
        return False
    # In a process of its own: it needs torch, whose memory comes back that way, and what crashes there harms nobody.
    command = [sys.executable, "-P", "-m", __name__, str(source), str(kept)]
    subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return is_sound(kept)


def is_sound(kept: Path) -> bool:
    """Say whether a compiled model is there, with its files as they were written."""
    try:
        facts = Facts.read(kept)
        return all(digest(kept / name) == wanted for name, wanted in facts.hashes.items())
    except (OSError, ValueError, TypeError):
        return False


def convert(source: Path, kept: Path) -> None:
    """Compile the model in ``source`` into ``kept``, or write there why it cannot be used.

    Raises:
        ModelError: The model cannot be loaded.
    """
    from assistant.models.runtimes.reference import Reference

    _sweep(kept.parent)
    building = kept.with_name(f"building-{uuid.uuid4().hex}")
    building.mkdir(parents=True)
    try:
        original = Reference(source, exact=True)
        if reason := _reason_against(original) or _compile(original, building):
            shutil.rmtree(building)
            building.mkdir()
            (building / UNFIT).write_text(reason, encoding="utf-8")
        if not is_sound(kept):  # else another process was faster
            shutil.rmtree(kept, ignore_errors=True)
            building.rename(kept)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _compile(original: Reference, folder: Path) -> str:
    """Write the compiled model into ``folder``; return why it cannot be used, if so."""
    try:
        graph = _traced(original.model[0].auto_model)
    except Exception as error:  # noqa: BLE001 - whatever torch or OpenVINO cannot do with this model
        return f"it cannot be compiled ({error})"
    _write(original, graph, folder)
    return _difference(original, folder)


def _sweep(folder: Path) -> None:
    for torn in folder.glob("building-*"):
        if time.time() - torn.stat().st_mtime > _LONG_AGO_S:
            shutil.rmtree(torn, ignore_errors=True)


_LONG_AGO_S = 3600  # nobody is still at it


def _reason_against(original: Reference) -> str:
    """Return why a model is more than what is compiled: a transformer, one kind of pooling, a tokenizer in one file."""
    kinds = [type(module).__name__ for module in original.model]
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        return f"its modules are {', '.join(kinds)}"
    pooling = original.model[1]
    if _pooling(original) not in POOLING or not pooling.include_prompt:
        return f"it pools by {_pooling(original)}"
    if not hasattr(original.model.tokenizer, "backend_tokenizer"):
        return "its tokenizer is not one of the tokenizers library"
    return ""


def _pooling(original: Reference) -> str:
    mode = original.model[1].pooling_mode
    return mode if isinstance(mode, str) else "+".join(mode)


def _write(original: Reference, graph: Any, folder: Path) -> None:
    openvino().save_model(graph, str(folder / GRAPH))  # weights in half precision, 1/2000 off at most
    original.model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    whole = int(original.model.max_seq_length or 512)
    facts = Facts(
        window=whole,
        prompt_tokens=whole - original.window,
        token_window=original.token_window,
        pad=int(original.model.tokenizer.pad_token_id or 0),
        pooling=_pooling(original),
        prompts={role: original.prompt(role) for role in _ROLES},
        hashes={name: digest(folder / name) for name in (GRAPH, WEIGHTS, TOKENIZER)},
        cosine=0.0,
    )
    (folder / FACTS).write_text(facts.text(), encoding="utf-8")


def _traced(transformer: Any) -> Any:
    import torch

    class Hidden(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    ids = torch.arange(32).reshape(2, 16) % 20 + 5  # an example to trace; other shapes are accepted later
    mask = torch.ones_like(ids)
    mask[1, 8:] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a model is traced is OpenVINO's choice, and the outcome is checked
        return openvino().convert_model(Hidden().eval(), example_input=(ids, mask))


def _difference(original: Reference, folder: Path) -> str:
    """Return how a compiled model differs from the original; where it does not, note the least cosine in its facts."""
    compiled = Compiled(folder)
    least = min(_cosines(original.pooled(_SAMPLE, r), compiled.pooled(_SAMPLE, r)).min() for r in _ROLES)
    if least < _ALIKE:
        return f"compiled, its vectors have a cosine of {least:.4f} to the original's"
    for one, other in zip(original.tokens(_SAMPLE), compiled.tokens(_SAMPLE), strict=True):
        if not np.array_equal(one.offsets, other.offsets):
            return "compiled, it reads other tokens"
        if len(one.vectors) and _cosines(one.vectors, other.vectors).mean() < _ALIKE_TOKENS:
            return "compiled, it gives tokens other vectors"
    facts = replace(Facts.read(folder), cosine=float(least))
    (folder / FACTS).write_text(facts.text(), encoding="utf-8")
    return ""


def _cosines(some: Any, others: Any) -> Any:
    return np.einsum("ij,ij->i", some, others)


def _writable(folder: Path) -> bool:
    while not folder.exists():
        folder = folder.parent
    return os.access(folder, os.W_OK)


if __name__ == "__main__":
    from assistant.quiet import quiet

    quiet()
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
