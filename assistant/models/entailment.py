"""A local model that judges claims: a sentence-transformers CrossEncoder trained for natural language inference.

It reads a quote and a claim and says how likely the one entails the other. Knows no rules and no settings.
"""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock
from typing import Any

from assistant.errors import ModelError
from assistant.grounding import Support
from assistant.loading import loaded_once
from assistant.text import readable

_CHOOSE = "set claim_checker to the folder of a CrossEncoder trained for entailment, or to 'rules'"


class EntailmentChecker:
    """Checks claims with the model in a folder, which is loaded at the first claim.

    Args:
        folder: As sentence-transformers or transformers save a model; its ``config.json`` names the labels.

    Raises:
        ModelError: There is no such model, or none of its labels is entailment.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._label = _entailment_label(folder)
        self._predicting = Lock()  # tokenizers are not made for several threads

    def check(self, claim: str, quote: str, title: str, question: str) -> Support:
        """Return the probability that the quote, with its paper's title, entails the claim; needs no question."""
        premise = f"{title}. {readable(quote)}" if title else readable(quote)
        with self._predicting:
            score = self._probability(premise, claim)
        return Support(score, "" if score >= 1.0 else f"the claim checker finds it entailed with {score:.2f}")

    def _probability(self, premise: str, claim: str) -> float:
        from torch.nn import Softmax

        try:
            found = self._model.predict([(premise, claim)], activation_fn=Softmax(dim=-1), show_progress_bar=False)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelError(f"the claim checker in {self.folder} failed ({error}); {_CHOOSE}") from error
        return float(found[0][self._label])

    @loaded_once
    def _model(self) -> Any:
        from sentence_transformers import CrossEncoder

        try:
            return CrossEncoder(str(self.folder), local_files_only=True, device="cpu")
        except Exception as error:  # what a damaged folder raises depends on which file is damaged
            raise ModelError(f"the claim checker in {self.folder} cannot be loaded ({error}); {_CHOOSE}") from error


def _entailment_label(folder: Path) -> int:
    """Return the place of the label "entailment" among a model's outputs."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        labels = {int(place): str(name) for place, name in config.get("id2label", {}).items()}
    except FileNotFoundError as error:
        raise ModelError(f"no claim checker in {folder}; {_CHOOSE}") from error
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder / 'config.json'} cannot be read ({error}); {_CHOOSE}") from error
    for place, name in labels.items():
        if name.lower().startswith("entail"):
            return place
    named = ", ".join(labels.values()) or "none"
    raise ModelError(f"the model in {folder} has no label “entailment” (its labels: {named}); {_CHOOSE}")
