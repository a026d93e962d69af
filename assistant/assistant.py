"""The assistant: the one place that reads settings and puts the parts together, and what people call from Python."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib import metadata, resources
from itertools import chain
from pathlib import Path
from threading import Event as Flag
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any
from weakref import finalize

from assistant.about import About
from assistant.adding import AddReport, add_papers, rehearse_adding
from assistant.answer import Answer, AnswerReady, Event
from assistant.asking import Pipeline, answer_events
from assistant.backup import BackupReport, write_backup
from assistant.conversations import Conversations
from assistant.errors import AssistantError, LibraryError, QuestionError, SearchIndexError
from assistant.evidence import JudgedPaper, Query
from assistant.examples import example_questions
from assistant.filters import Filters
from assistant.indexing import Indexer, Progress, silent
from assistant.library import open_library
from assistant.loading import loaded_once
from assistant.locking import writing
from assistant.models.embeddings import named
from assistant.models.opening import (
    chat_digest,
    chat_file,
    encoder_settings,
    open_chat_model,
    open_claim_check,
    open_encoder,
    open_reranker,
    reopen_encoder,
)
from assistant.orders import wary
from assistant.prompts import load_prompt
from assistant.quiet import quiet
from assistant.reembedding import Reembedding
from assistant.reranking import Reranker
from assistant.retrieval import Retriever, SearchResult
from assistant.searching import Searcher
from assistant.settings import Mode, Settings, default_home, load_settings
from assistant.shown_papers import ShownPapers
from assistant.sources import read_sources
from assistant.switching import finish_switch
from assistant.text import clean, shorten
from assistant.writing import PROMPT_VARIABLES, ModelWriter, QuoteWriter, Writer
from vectorstore import Index, IndexStore

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

    from assistant.library_retriever import LibraryRetriever
    from assistant.models.embeddings import Encoder

VERSION = metadata.version("paper-assistant")
# Measured (README, "Which mode, which model"): their own sentences are worse than those of the abstracts' authors.
_EARNED_QUOTED = frozenset({"bundled"})
_EXAMPLES_FROM = 500  # papers that example questions are made of
_SIMILAR_CHARACTERS = 400  # of an abstract, beside its title: what a query of the embedding model holds


class Assistant:
    """Answers questions about one library. Open it with `Assistant.open`; use it from any thread."""

    def __init__(self, home: Path, settings: Settings, *, background: bool = True, progress: Progress = silent) -> None:
        self.home = home
        self.settings = settings
        self.library = open_library(home)
        self._lock = RLock()
        self.store = IndexStore(home / "index")
        self.reembedding = Reembedding(
            home,
            self.library,
            wanted=lambda: self.encoder,
            indexer=lambda: self.indexer,
            reopen=lambda model: reopen_encoder(model, settings, home),
            background=background,
        )
        self._progress = progress
        self._searcher: Searcher | None = None
        self._warming: Thread | None = None
        self._examples: tuple[tuple[Path, int], list[str]] | None = None

    @classmethod
    def open(
        cls,
        home: Path | str | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        background: bool = True,
        progress: Progress = silent,
    ) -> Assistant:
        """Open the library in ``home`` (made if it is missing), by default the user's own.

        Args:
            home: The folder of the library; by default ``ASSISTANT_HOME`` or the platform's user data folder.
            settings: Settings that go before those of the environment and of ``assistant.toml``.
            background: Whether the index is made for another embedding model beside the answers, once the settings
                name one; else `update` does it.
            progress: Told how far it is where a question has to wait for the index.

        Raises:
            SettingsError: A setting is unknown or has an impossible value.
            LibraryError: The folder cannot be written or the library in it is damaged.
        """
        quiet()
        folder = Path(home).expanduser() if home is not None else default_home()
        finish_switch(folder)
        return cls(folder, load_settings(folder, settings), background=background, progress=progress)

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what is under way, free the models and close the files."""
        self.reembedding.close()
        if self._warming is not None:
            self._warming.join()
        if (close := getattr(self.__dict__.get("chat_model"), "close", None)) is not None:
            close()
        if self._searcher is not None and self._searcher.index is not None:
            self._searcher.index.close()
        self._searcher = None
        if (conversations := self.__dict__.get("conversations")) is not None:
            conversations.close()
        self.library.close()

    # -- the library ---------------------------------------------------------------------------------------------

    def add(
        self,
        *paths: Path | str,
        format_name: str | None = None,
        columns: Mapping[str, str] | None = None,
        dry_run: bool = False,
        progress: Progress = silent,
    ) -> AddReport:
        """Read files, folders and what is named for fetching into the library and bring the index up to date.

        Unchanged papers cost a hash. Stopped or killed, it can be run again and goes on. The network is used only for
        strings such as ``"arxiv:2004.12832"``, ``"doi:10.…"``, ``"acl:2020.acl-main.1"`` and ``"https://…"``.

        Args:
            paths: Files, archives and folders, or names of papers and addresses.
            format_name: What to read them as; by default each file's own content tells.
            columns: What the columns of tables are called, by the name of the paper's field.
            dry_run: Whether only to report what would be done.
            progress: Told how far it is.

        Raises:
            SettingsError: There is no such format or field.
            SourceError: A path does not exist.
            FetchError: A name is none that a register could have given.
            LibraryBusyError: Another process is adding.
            LibraryError: The disk is full or the home folder cannot be written.
        """
        from assistant.connectors import fetch, read_fetched, told_apart

        files, wanted = told_apart(paths)
        read = read_sources(files, format_name, columns or {}, partial(progress, "files"))
        fetched = list(fetch(wanted, progress))  # before the lock: servers may take their time
        sources = chain(read, read_fetched(fetched, format_name, columns or {}))
        with self._writing():
            if dry_run:
                return rehearse_adding(self.library, sources)
            return add_papers(self.library, self.indexer, sources, progress)

    def add_sample(self, progress: Progress = silent) -> AddReport:
        """Fill an empty library with the sample: 81 papers with summaries in our own words."""
        with resources.as_file(resources.files("assistant") / "sample" / "papers.jsonl") as path:
            return self.add(path, progress=progress)

    def remove(self, *paper_ids: str, progress: Progress = silent) -> None:
        """Remove papers from the library: all, or none if one is not there.

        Raises:
            PaperNotFoundError: One of the ids is not in the library.
            LibraryBusyError: Another process is changing the library.
        """
        with self._writing():
            self.library.remove(paper_ids)
            (self.reembedding.old() or self.indexer).update(progress)  # it has to embed nothing

    def update(self, progress: Progress = silent) -> int:
        """Bring the index up to date; return how many chunks had to be embedded. Questions do it by themselves."""
        with self._writing():
            return self.indexer.update(progress)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the right to change the library; what is made in the background leaves it meanwhile."""
        with self.reembedding.paused(), writing(self.home):
            yield

    def backup(self, path: Path | str, *, embeddings: bool = True, progress: Progress = silent) -> BackupReport:
        """Write papers, conversations, settings and embeddings into one file, from which `restore` brings them back.

        Raises:
            BackupError: The file cannot be written, or something that is no backup has its name.
        """
        return write_backup(self.home, Path(path).expanduser(), VERSION, embeddings=embeddings, progress=progress)

    def repair(self, progress: Progress = silent) -> None:
        """Build the index anew from the library; what was embedded before it was stopped is not embedded again.

        A damaged library is a thing for `repair_files`.
        """
        with self._writing():
            self.indexer.words.sweep()
            self.indexer.update(progress, fresh=True, words=True)
            self.indexer.shards.sweep()

    # -- questions -----------------------------------------------------------------------------------------------

    def ask(self, question: str, *, history: Iterable[tuple[str, str]] = (), filters: Filters | None = None) -> Answer:
        """Return the answer to a question.

        Args:
            question: As a person types it.
            history: Earlier turns as (user, assistant) texts, oldest first; `Answer.history` of the last answer.
            filters: Which papers to consider.

        Raises:
            QuestionError: The question is empty or too long.
            SearchIndexError: The index is damaged; ``assistant doctor --repair`` builds it anew.
            ModelError: A model is missing or cannot be loaded.
        """
        for event in self.stream(question, history=history, filters=filters):
            if isinstance(event, AnswerReady):
                return event.answer
        raise AssertionError("a stream of events ends with the answer")

    def stream(
        self,
        question: str,
        *,
        history: Iterable[tuple[str, str]] = (),
        filters: Filters | None = None,
        stop: Flag | None = None,
        answer_threshold: float | None = None,
        choices: Mapping[str, Any] | None = None,
    ) -> Generator[Event, None, None]:
        """Yield the evidence, then each checked sentence, then the whole answer. Closing it stops the model.

        Takes and raises what `ask` does; ``stop`` can be set from another thread and ends it within a token, without
        an answer. ``answer_threshold`` takes the setting's place; so do ``choices``, settings that can be chosen
        for one question: ``mode``, ``max_sentences``, ``max_papers`` and ``candidates``.
        """
        earlier = tuple((str(user), str(reply)) for user, reply in history)
        self._warm_writer()
        settings = replace(self.settings, **(choices or {}))
        if answer_threshold is not None:
            settings = replace(settings, answer_threshold=answer_threshold)
        pipeline = partial(self._pipeline, settings, self._writer(settings.mode) if choices else self.writer)
        return answer_events(pipeline, self._checked(question), earlier, filters or Filters(), (stop or Flag()).is_set)

    async def aask(
        self, question: str, *, history: Iterable[tuple[str, str]] = (), filters: Filters | None = None
    ) -> Answer:
        """Return the answer, as `ask`, without blocking the event loop."""
        return await asyncio.to_thread(self.ask, question, history=history, filters=filters)

    async def astream(
        self, question: str, *, history: Iterable[tuple[str, str]] = (), filters: Filters | None = None
    ) -> AsyncIterator[Event]:
        """Yield the events of `stream` without blocking the event loop."""
        stop = Flag()
        events = self.stream(question, history=history, filters=filters, stop=stop)
        try:
            while (event := await asyncio.to_thread(next, events, None)) is not None:
                yield event
        finally:
            stop.set()  # a thread may still be in it; it comes out at the next token

    def search(self, query: str, k: int = 10, filters: Filters | None = None) -> list[SearchResult]:
        """Return the ``k`` best papers with the sentence of each that fits the query best, best first.

        Raises:
            QuestionError: The query is empty or too long.
        """
        return [
            SearchResult(j.paper.paper_id, j.paper.title, round(j.score, 4), j.evidence[0].quote)
            for j in self._best(query, k, filters)
        ]

    def similar(self, paper_id: str, k: int = 5) -> list[SearchResult]:
        """Return the ``k`` papers nearest to one of the library, best first.

        Raises:
            PaperNotFoundError: There is none with this id.
        """
        paper = self.library.get(paper_id)
        found = self.search(f"{paper.title}. {shorten(paper.abstract, _SIMILAR_CHARACTERS)}", k=k + 1)
        return [result for result in found if result.paper_id != paper_id][:k]

    def warm(self) -> None:
        """Load what the first question needs, so that it need not wait."""
        self._warm_writer()
        if (searcher := self.searcher()).index is not None:
            searcher.indexer.encoder.encode_tokens(["warm"])
        if self.reranker is not None:
            self.reranker.scores("warm", ["warm"])

    def example_questions(self, count: int = 3) -> list[str]:
        """Return questions for a first look, made of papers from all over the library.

        Each was asked and answered, from the paper that it names; none comes from an empty library. They are kept until
        the index changes: the first call takes as long as some answers.
        """
        index = self.index()
        if index is None:
            return []
        with self._lock:
            known = self._examples
        if known is None or known[0] != (index.folder, count):
            ids = list(self.library.hashes())
            papers = self.library.some(ids[:: max(1, len(ids) // _EXAMPLES_FROM)])
            known = (index.folder, count), example_questions(papers, self._quoted, count)
            with self._lock:
                self._examples = known
        return list(known[1])

    def _quoted(self, question: str) -> Answer:
        """Return the answer to a question without the language model."""
        events = self.stream(question, choices={"mode": "quoted"})
        return next(event.answer for event in events if isinstance(event, AnswerReady))

    @property
    def models(self) -> dict[str, str]:
        """The models in use: name and the start of the SHA-256 of what they were loaded from."""
        return {"chat": self._chat_name, "embeddings": named(self.reembedding.encoder())}

    def as_retriever(self, k: int = 10, filters: Filters | None = None) -> LibraryRetriever:
        """Return a LangChain retriever: a query to documents with ``paper_id``, ``title`` and ``score``."""
        from assistant.library_retriever import LibraryRetriever

        return LibraryRetriever(search=lambda query: self._documents(query, k, filters))

    def as_runnable(self) -> Runnable[str, Answer]:
        """Return a LangChain runnable: a question to an `Answer`."""
        from langchain_core.runnables import RunnableLambda

        return RunnableLambda(self.ask, afunc=self.aask, name="paper-assistant")

    # -- the parts -----------------------------------------------------------------------------------------------

    @loaded_once
    def conversations(self) -> Conversations:
        """The conversations that are kept beside the library."""
        return Conversations(self.home)

    @loaded_once
    def encoder(self) -> Encoder:
        """The embedding model that the settings name; until the index is made for it, `searcher` has another one."""
        return open_encoder(self.settings, self.home)

    @loaded_once
    def chat_model(self) -> BaseChatModel | None:
        """The language model, or None where the settings say so."""
        return open_chat_model(self.settings)

    @loaded_once
    def indexer(self) -> Indexer:
        """What makes the index for that model and keeps it up to date."""
        return Indexer.at(self.home, self.library, self.encoder, encoder_settings(self.settings))

    @loaded_once
    def reranker(self) -> Reranker | None:
        """What ranks the first papers again, or None where the settings name none."""
        return open_reranker(self.settings)

    @loaded_once
    def writer(self) -> Writer:
        """What words the answers: the mode that the settings name, or that the model has earned in measurement."""
        return self._writer(self.settings.mode)

    def _writer(self, mode: Mode) -> Writer:
        if mode == "auto":
            mode = "quoted" if self.settings.chat_model in _EARNED_QUOTED else "written"
        if mode == "quoted" or self.chat_model is None:
            return QuoteWriter()
        prompt = load_prompt("sentence", PROMPT_VARIABLES)
        check = wary(open_claim_check(self.settings))
        return ModelWriter(self.chat_model, prompt, check, self.settings.support_threshold)

    def _warm_writer(self) -> None:
        """Let the language model load beside the first search, once."""

        def warm() -> None:
            with suppress(AssistantError):  # the first sentence will say what is wrong to the one who asks for it
                self.writer.warm()
                _ = self._chat_name

        with self._lock:
            if self._warming is None:
                self._warming = Thread(target=warm, name="warm writer", daemon=True)
                self._warming.start()

    def _pipeline(self, settings: Settings, writer: Writer) -> Pipeline:
        searcher = self.searcher()
        chat_file(self.settings)  # whether it is there is said now; its digest is read meanwhile

        def models() -> dict[str, str]:
            return {"chat": self._chat_name, "embeddings": searcher.model}

        about, shown = About(self.library, models, VERSION), ShownPapers(self.library, searcher.recalled)
        return Pipeline(
            judge=searcher.judge,
            writer=writer,
            count=self.library.count,
            count_stating=searcher.count_stating,
            about=lambda question, earlier, seen: about(question, earlier, seen) or shown(question, earlier, seen),
            none=about.none,
            mend=searcher.mend,
            recalled=searcher.recalled,
            settings=settings,
            models=models,
            version=VERSION,
        )

    def searcher(self) -> Searcher:
        """Return what searches the index in force, opened again when a newer one has been published.

        An index of another embedding model than the settings name answers with that one, where it can still be opened,
        while a thread makes the next one.

        Raises:
            SearchIndexError: The index is damaged, or was built for an embedding model that is not there any more.
        """
        with self._lock:
            searcher = self._searcher
            in_force = searcher.index if searcher else None
            if searcher is None or in_force is None or in_force.folder != self.store.current_folder():
                searcher = self._searcher = self._open_searcher()
        if searcher.indexer.encoder is not self.encoder:
            self.reembedding.start()
        return searcher

    def _open_searcher(self) -> Searcher:
        old = self.reembedding.old()
        if old is None and not self.indexer.is_current():
            self._catch_up()
        indexer = old or self.indexer
        try:
            index = indexer.open()
        except SearchIndexError:
            if self.reembedding.old() is old:
                raise
            return self._open_searcher()  # the one for the other model has been published in the meantime
        searcher = Searcher(index, indexer, self.library, self.settings.dense_weight, self.reranker)
        if index is not None:
            finalize(searcher, index.close)  # once the last question that searches in it has its answer
        return searcher

    def _catch_up(self) -> None:
        """Index what a stopped `add` left behind; where that cannot be done, an older index is better than none."""
        try:
            with writing(self.home):
                self.indexer.update(self._progress)
        except LibraryError:
            if self.store.current_folder() is None:
                raise

    def index(self) -> Index | None:
        """Return the index in force, or None before the first one; raises what `searcher` does."""
        return self.searcher().index

    def retriever(self) -> Retriever | None:
        """Return what ranks papers for a query, over the index in force; None before the first one."""
        return self.searcher().retriever

    def _best(self, query: str, k: int, filters: Filters | None) -> tuple[JudgedPaper, ...]:
        """Return the ``k`` best of as many papers as an answer would read: the first ones do not depend on ``k``."""
        read = max(k, self.settings.candidates)
        text = self._checked(query)
        return self.searcher().judge(Query(query, text), filters or Filters(), read).papers[:k]

    def _documents(self, query: str, k: int, filters: Filters | None) -> list[Document]:
        from langchain_core.documents import Document

        return [
            Document(
                id=j.paper.paper_id,
                page_content=j.paper.abstract,
                metadata={"paper_id": j.paper.paper_id, "title": j.paper.title, "score": round(j.score, 4)},
            )
            for j in self._best(query, k, filters)
        ]

    def _checked(self, question: str) -> str:
        text, limit = clean(question).strip(), self.settings.max_question_characters
        if not text:
            raise QuestionError("the question is empty; type one")
        length = len(text)
        if length <= limit:  # what is read is its compatibility form, which may be eighteen times as long
            length = max(length, len(unicodedata.normalize("NFKC", text)))
        if length > limit:
            raise QuestionError(
                f"the question has {length:,} characters, more than the {limit:,} that are taken; shorten it"
            )
        return text

    @loaded_once
    def _chat_name(self) -> str:
        return chat_digest(self.settings)
