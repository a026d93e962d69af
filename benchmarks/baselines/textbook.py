"""The pipeline of LangChain's tutorials: four whole chunks from a vector store into one prompt, by the same two models."""

from __future__ import annotations

import time

from assistant.models.files import BUNDLED, chat_model_file, embedding_model_folder

PROMPT = "Answer the question based only on the following context:\n\n{context}\n\nQuestion: {question}\n\nAnswer:"


def textbook(papers):
    """Return a function that asks the textbook pipeline and returns the seconds to its first word."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from llama_cpp import Llama
    from sentence_transformers import SentenceTransformer

    from assistant.models.engine import usable_kernels

    class Plain(Embeddings):
        def __init__(self):
            self.model = SentenceTransformer(str(embedding_model_folder(BUNDLED)), device="cpu")

        def embed_documents(self, texts):
            return self.model.encode(texts, show_progress_bar=False).tolist()

        def embed_query(self, text):
            return self.embed_documents([text])[0]

    store = Chroma.from_documents([Document(p.abstract, metadata={"title": p.title}) for p in papers], Plain())
    retriever = store.as_retriever(search_kwargs={"k": 4})
    with usable_kernels():
        llama = Llama(str(chat_model_file(BUNDLED)), n_ctx=4096, n_batch=8, verbose=False)  # LangChain's defaults

    def ask(question):
        started = time.perf_counter()
        context = "\n\n".join(document.page_content for document in retriever.invoke(question))
        messages = [{"role": "user", "content": PROMPT.format(context=context, question=question)}]
        for chunk in llama.create_chat_completion(messages, stream=True, max_tokens=8):
            if chunk["choices"][0]["delta"].get("content"):
                break
        return time.perf_counter() - started

    return ask
