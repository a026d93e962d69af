"""A local model that judges claims: a sentence-transformers CrossEncoder trained for natural language inference.

It reads a quote and a claim and says how likely the one entails the other. Knows no rules and no settings.
"""

from __future__ import annotations

from pathlib import Path

from assistant.errors import ModelError
from assistant.grounding import Support
from assistant.models.cross_encoder import CrossEncoderModel, Role, labels
from assistant.text import readable

_ROLE = Role("claim checker", "set claim_checker to the folder of a CrossEncoder trained for entailment, or to 'rules'")


class EntailmentChecker:
    """Checks claims with the model in a folder, which is loaded at the first claim.

    Args:
        folder: As sentence-transformers or transformers save a model; its ``config.json`` names the labels.

    Raises:
        ModelError: There is no such model, or none of its labels is entailment.
    """

    def __init__(self, folder: Path) -> None:
        self._label = _entailment_label(folder)
        self._model = CrossEncoderModel(folder, _ROLE)

    def check(self, claim: str, quote: str, title: str, question: str) -> Support:
        """Return the probability that the quote, with its paper's title, entails the claim; needs no question."""
        from torch.nn import Softmax

        premise = f"{title}. {readable(quote)}" if title else readable(quote)
        score = float(self._model.predict([(premise, claim)], Softmax(dim=-1))[0][self._label])
        return Support(score, "" if score >= 1.0 else f"the claim checker finds it entailed with {score:.2f}")


def _entailment_label(folder: Path) -> int:
    """Return the place of the label "entailment" among a model's outputs."""
    found = labels(folder, _ROLE)
    for place, name in found.items():
        if name.lower().startswith("entail"):
            return place
    named = ", ".join(found.values()) or "none"
    raise ModelError(f"the model in {folder} has no label “entailment” (its labels: {named}); {_ROLE.advice}")
