"""LangChain's conformance suites over both embedding models: the bundled one, and the hashing one without weights."""

from __future__ import annotations

from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from assistant.models.embeddings import SentenceTransformerEmbeddings
from assistant.models.files import BUNDLED, embedding_model_folder
from assistant.models.hashing import HashingEmbeddings


class _SentenceTransformer:
    @property
    def embeddings_class(self):
        return SentenceTransformerEmbeddings

    @property
    def embedding_model_params(self):
        return {"folder": embedding_model_folder(BUNDLED)}


class TestSentenceTransformerUnit(_SentenceTransformer, EmbeddingsUnitTests):
    pass


class TestSentenceTransformerIntegration(_SentenceTransformer, EmbeddingsIntegrationTests):
    pass


class _Hashing:
    @property
    def embeddings_class(self):
        return HashingEmbeddings


class TestHashingUnit(_Hashing, EmbeddingsUnitTests):
    pass


class TestHashingIntegration(_Hashing, EmbeddingsIntegrationTests):
    pass
