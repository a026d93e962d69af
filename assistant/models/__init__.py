"""Models: the chat model over llama.cpp, the embedding model over sentence-transformers, and where their files are."""
