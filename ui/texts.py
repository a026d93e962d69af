"""Every text of the page, in one place, so that the page can be translated.

Templates are filled with `str.format`; what is filled in is escaped by the caller. ``_HTML`` texts are markup of ours.
"""

from __future__ import annotations

TITLE = "Paper assistant"
TAGLINE = "Answers from your own library, with the exact words they rest on."
LIBRARY_ONE = "1 paper"
LIBRARY_MANY = "{count} papers"
MODELS = "Models: {chat}, {embeddings}"
MODELS_LOADING = "Looking for the models…"

CONVERSATION = "Conversation"
QUESTION = "Your question"
QUESTION_HINT = "Ask about the papers in your library"
ASK = "Ask"
STOP = "Stop"
RETRY = "Ask again"
CLEAR = "New conversation"

WELCOME_HTML = (
    '<h2 class="pa-welcome">What do your papers say?</h2>'
    "<p>Ask a question in plain words. Every sentence of the answer leads to the exact sentence of an abstract. "
    "Where your library has no answer, the assistant says so.</p>"
)
EMPTY_TITLE = "Your library is empty"
EMPTY_HTML = (
    f'<h2 class="pa-welcome">{EMPTY_TITLE}</h2>'
    "<p>Add papers from a terminal, then reload this page:</p>"
    "<pre><code>assistant add FILE</code></pre>"
    "<p>FILE can be an export of your reference manager or a folder of such files. To look around first, stop the "
    "program and start it with <code>make chat</code>: it fills an empty library with sample papers.</p>"
)
EMPTY_ANSWER = "Your library is empty, so there is nothing to answer from. Add papers with: assistant add FILE"
SUMMARIES_HTML = (
    "<strong>Only summaries so far.</strong> The sample papers come with short summaries in other words, not with "
    "their own abstracts, so quotes are the summaries’ words. Add the real abstracts with "
    "<code>assistant add FILE</code>; they take the summaries’ place."
)

SEARCHING = "Searching your library…"
EVIDENCE = "Evidence found in {found} of {papers} papers."
NO_EVIDENCE = "Nothing in {papers} papers answers this."
WRITING = "Choosing the sentences that answer…"
SEARCHED_FOR = "What was searched for, with the earlier turns"
QUOTED_NOTE = "Every sentence is quoted word for word."
LIBRARY_NOTE = "What cites no paper is read off your library."
WRITTEN_NOTE = "Written by the language model; each sentence was checked against the quote it cites."
MIXED_NOTE = (
    "Written by the language model; each sentence was checked against the quote it cites. "
    "Sentences in quotation marks are quoted word for word."
)
UNSUPPORTED = "not supported by a quote"
STOPPED = "Stopped."
STOPPED_NOTE = "You stopped this answer; what stands above was checked."
ERROR_TITLE = "This did not work:"
UNEXPECTED = "Something went wrong inside the program. The terminal it runs in says what; asking again may help."
ABSTAIN_TIP = "It may help to ask in other words, to name a method or data set, or to add papers on this subject."
NEAREST = "Nearest papers in your library"

SOURCES = "Sources"
SOURCES_EMPTY = (
    "The abstracts behind an answer appear here, with the quoted sentences marked. "
    "Numbers like [1] in an answer lead to them."
)
SOURCES_FOR = "For the answer to"
SOURCE_LABEL = "source"
OTHER_EVIDENCE = "Also found, not used in the answer ({count})"
EVIDENCE_SO_FAR = "Evidence"
BACK = "Back to the answer"
OPEN_PAPER = "Open the paper"
SUMMARY_NOTE = "Summary in other words, not the paper’s abstract"
SUMMARY_SHORT = "summary"
AND_OTHERS = "et al."

PORT_TAKEN = "port {port} of {host} is taken by another program; choose another with: assistant serve --port {other}"
CANNOT_LISTEN = (
    "cannot listen on {host} port {port} ({reason}); choose others with: assistant serve --host HOST --port PORT"
)
