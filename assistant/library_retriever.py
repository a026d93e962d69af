"""LangChain's view of the library. Apart, because importing LangChain's retrievers takes as long as an answer."""

from __future__ import annotations

from collections.abc import Callable

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever


class LibraryRetriever(BaseRetriever):
    """A query to documents, one a paper, the abstract as their content.

    Attributes:
        search: Returns (paper id, title, abstract, score and other metadata) of the best papers.
    """

    search: Callable[[str], list[Document]]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return self.search(query)
