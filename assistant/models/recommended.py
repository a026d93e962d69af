"""Recommended chat models: a short list of instruct models from 0.6B up that one GGUF file holds.

Each is the publisher's own file at a fixed revision of its repository, so that its digest is known. Repository, file,
revision, licence, size and SHA-256 are what the repository's Git LFS metadata and model card state, as several public
projects that fetch the same revision record them. All of them are larger than the bundled model and none has been
measured with this program: `assistant evaluate answers` tells what one is worth, and takes ``mode=written``.
"""

from __future__ import annotations

from dataclasses import dataclass

HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Recommended:
    """A model that can be fetched by its name.

    Attributes:
        name: What `assistant models pull` takes.
        repository: Owner and name at the hub.
        revision: The commit.
        file: Its file there.
        size: Bytes.
        licence: SPDX identifier.
        sha256: Of the file.
    """

    name: str
    repository: str
    revision: str
    file: str
    size: int
    licence: str
    sha256: str

    @property
    def url(self) -> str:
        """Where the file is fetched from."""
        return f"{HUB}/{self.repository}/resolve/{self.revision}/{self.file}"


RECOMMENDED = (
    Recommended(
        name="qwen3-0.6b",
        repository="Qwen/Qwen3-0.6B-GGUF",
        revision="23749fefcc72300e3a2ad315e1317431b06b590a",
        file="Qwen3-0.6B-Q8_0.gguf",
        size=639_446_688,
        licence="Apache-2.0",
        sha256="9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
    ),
    Recommended(
        name="qwen2.5-1.5b",
        repository="Qwen/Qwen2.5-1.5B-Instruct-GGUF",
        revision="91cad51170dc346986eccefdc2dd33a9da36ead9",
        file="qwen2.5-1.5b-instruct-q4_k_m.gguf",
        size=1_117_320_736,
        licence="Apache-2.0",
        sha256="6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
    ),
    Recommended(
        name="qwen3-1.7b",
        repository="Qwen/Qwen3-1.7B-GGUF",
        revision="90862c4b9d2787eaed51d12237eafdfe7c5f6077",
        file="Qwen3-1.7B-Q8_0.gguf",
        size=1_834_426_016,
        licence="Apache-2.0",
        sha256="061b54daade076b5d3362dac252678d17da8c68f07560be70818cace6590cb1a",
    ),
    Recommended(
        name="qwen3-4b",
        repository="Qwen/Qwen3-4B-GGUF",
        revision="bc640142c66e1fdd12af0bd68f40445458f3869b",
        file="Qwen3-4B-Q4_K_M.gguf",
        size=2_497_280_256,
        licence="Apache-2.0",
        sha256="7485fe6f11af29433bc51cab58009521f205840f5b4ae3a32fa7f92e8534fdf5",
    ),
)


def recommended(name: str) -> Recommended | None:
    """Return the recommended model of this name, in any case, or None."""
    return next((model for model in RECOMMENDED if model.name == name.lower()), None)
