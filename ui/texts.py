"""Every text of the page, in one place, so that the page can be translated.

`Texts` has the English ones as its defaults; another language is a value with others, as in `ui.german`. Templates are
filled with `str.format`; what is filled in is escaped by the caller. Texts that end in ``_html`` are markup of ours.
What the assistant itself says (answers, reasons, errors) is English in every language.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """The texts of one language."""

    code: str = "en"
    name: str = "English"
    path: str = "/"

    title: str = "Paper assistant"
    starting_html: str = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        "<title>Paper assistant</title></head>"
        '<body style="font-family:system-ui;text-align:center;padding-top:30vh"><p role="status">'
        "The page is starting and opens by itself in a few seconds.</p></body></html>"
    )
    tagline: str = "Answers from your own library, with the exact words they rest on."
    library_one: str = "1 paper"
    library_many: str = "{count} papers"
    models: str = "Models: {chat}, {embeddings}"
    models_missing: str = "a model is missing"
    models_loading: str = "Looking for the models…"
    skip: str = "Skip to the question"
    tab_ask: str = "Ask"
    tab_library: str = "Library"
    tab_settings: str = "Settings"
    tab_help: str = "Help"

    conversation: str = "Conversation"
    question: str = "Your question"
    question_hint: str = "Ask about the papers in your library"
    ask: str = "Ask"
    stop: str = "Stop"
    retry: str = "Ask again"
    edit_question: str = "Edit"
    copy_answer: str = "Copy with sources"
    question_number: str = "question {number}"
    editing: str = "Editing question {number}: asking replaces it and what follows."
    cancel: str = "Cancel"
    clear: str = "New conversation"

    history: str = "Conversations"
    history_search: str = "Search conversations"
    history_search_hint: str = "Search conversations"
    history_empty: str = "Conversations you have are kept here, on this machine."
    history_none: str = "No conversation has these words."
    today: str = "Today"
    yesterday: str = "Yesterday"
    history_toggle: str = "Conversations"
    rename: str = "Name of this conversation"
    delete: str = "Delete"
    delete_conversation: str = "Delete this conversation? It cannot be brought back."
    delete_yes: str = "Delete it"
    keep_it: str = "Keep it"
    export: str = "Export"
    export_markdown: str = "Markdown"
    export_html: str = "Print or PDF"
    export_bibtex: str = "BibTeX of the sources"
    export_ris: str = "RIS of the sources"
    untitled: str = "New conversation"
    not_kept: str = "Conversations cannot be kept: {reason}"
    gone: str = "This conversation is not there any more."

    narrow: str = "Limit to years, an author or a venue"
    narrow_year: str = "Years"
    narrow_year_hint: str = "2019..2023"
    narrow_author: str = "Author"
    narrow_venue: str = "Venue"
    narrow_apply: str = "Apply"
    narrow_all: str = "All papers"
    scope: str = "Papers considered:"
    scope_year: str = "years {value}"
    scope_author: str = "by {value}"
    scope_venue: str = "in {value}"
    scope_only: str = "“{value}”"
    scope_without: str = "without “{value}”"
    scope_remove: str = "remove"

    welcome_html: str = (
        '<h2 class="pa-welcome">What do your papers say?</h2>'
        "<p>Ask a question in plain words. Every sentence of the answer leads to the exact sentence of an abstract. "
        "Where your library has no answer, the assistant says so.</p>"
    )
    empty_title: str = "Your library is empty"
    empty_html: str = (
        '<h2 class="pa-welcome">Your library is empty</h2><ol class="pa-steps">'
        "<li>Export your papers, with abstracts, from your reference manager.</li>"
        "<li>Open <strong>Library</strong> above and drop the file there, or paste its text. From a terminal: "
        "<code>assistant add FILE</code>.</li>"
        "<li>Wait until the papers are indexed; the page says how far it is.</li>"
        "<li>Come back here and ask a question in plain words.</li>"
        "<li>Follow the numbers in the answer to the sentences it rests on.</li></ol>"
        "<p>To look around first, stop the program and start it with <code>make chat</code>: it fills an empty library "
        "with sample papers.</p>"
    )
    empty_answer: str = (
        "Your library is empty, so there is nothing to answer from. Add papers under Library, or with: "
        "assistant add FILE"
    )
    summaries_html: str = (
        "<strong>Only summaries so far.</strong> The sample papers come with summaries in other words, so quotes are "
        "these. Add the real abstracts under Library; they take the summaries’ place."
    )
    trouble: str = "Something needs your attention:"
    trouble_more: str = "Settings, “What is here”, checks everything and builds a damaged index anew."

    waiting_one: str = "Another question is being answered; yours is next."
    waiting: str = "{place} questions are answered before yours."
    busy: str = "Too many questions are waiting; ask again in a minute."
    searching: str = "Searching your library…"
    evidence: str = "Evidence found in {found} of {papers} papers."
    no_evidence: str = "Nothing in {papers} papers answers this."
    writing: str = "Choosing the sentences that answer…"
    searched_for: str = "Searched for"
    change_query: str = "Change"
    status_quoted: str = "quoted"
    status_quoted_why: str = "The abstract’s own words"
    status_checked: str = "checked"
    status_checked_why: str = "The language model’s words, checked against the quote"
    quoted_note: str = "Every sentence is quoted word for word."
    status_table: str = "from the library"
    table_note: str = "Read off your library’s own table; the quotes show what the papers are about."
    library_note: str = "What cites no paper is read off your library."
    written_note: str = "Written by the language model; each sentence was checked against the quote it cites."
    mixed_note: str = (
        "Written by the language model; each sentence was checked against the quote it cites. "
        "Sentences in quotation marks are quoted word for word."
    )
    unsupported: str = "not supported"
    unsupported_why: str = "No quote supports this sentence"
    stopped: str = "Stopped."
    stopped_note: str = "You stopped this answer; what stands above was checked."
    error_title: str = "This did not work:"
    unexpected: str = (
        "Something went wrong inside the program. The terminal it runs in says what; asking again may help."
    )
    abstain_tip: str = (
        "It may help to ask in other words, to name a method or data set, or to add papers on this subject."
    )
    ask_instead: str = "You could ask:"
    nearest: str = "Nearest papers in your library"

    sources: str = "Sources"
    sources_empty: str = (
        "The abstracts behind an answer appear here, with the quoted sentences marked. "
        "Numbers like [1] in an answer lead to them."
    )
    sources_none: str = "This answer was read off your library’s own table; it cites no paper."
    sources_for: str = "For the answer to"
    source_label: str = "source"
    other_evidence: str = "Also found, not used in the answer ({count})"
    back: str = "Back to the answer"
    open_paper: str = "Open the paper"
    summary_note: str = "Summary in other words, not the paper’s abstract"
    summary_short: str = "summary"
    and_others: str = "et al."
    fits_well: str = "Fits the question well"
    fits: str = "Fits the question"
    fits_partly: str = "Fits the question in part"
    fit_why: str = "How likely the best of these sentences answers the question: {score}"
    cite: str = "Cite"
    copy_bibtex: str = "Copy BibTeX"
    copy_ris: str = "Copy RIS"
    copy_reference: str = "Copy reference"
    copied: str = "Copied"
    copy_failed: str = "This could not be copied."
    more_like: str = "More like this"
    alike: str = "Papers like this one"
    none_alike: str = "No other paper is like this one."
    only_this: str = "Only this paper"
    leave_out: str = "Leave out"

    shelf_search: str = "Search titles, authors, venues and abstracts"
    shelf_year: str = "Years"
    shelf_author: str = "Author"
    shelf_venue: str = "Venue"
    shelf_order: str = "Sort by"
    order_added: str = "Newest in the library"
    order_added_old: str = "Oldest in the library"
    order_title: str = "Title"
    order_year_new: str = "Year, newest first"
    order_year: str = "Year, oldest first"
    order_venue: str = "Venue"
    shelf_count: str = "{first}–{last} of {total} papers"
    shelf_count_one: str = "1 paper"
    shelf_none: str = "No paper passes these filters."
    shelf_empty: str = "Your library is empty. Add papers below."
    shelf_table: str = "Papers"
    column_title: str = "Title"
    column_authors: str = "Authors"
    column_year: str = "Year"
    column_venue: str = "Venue"
    previous: str = "Previous"
    following: str = "Next"
    by_year: str = "Papers by year"
    in_year: str = "{count} from {year}"
    without_year: str = "{count} without a year"
    export_shelf: str = "Export these papers:"
    paper_pick: str = "Choose a paper in the table to see its abstract here."
    paper_close: str = "Close"
    ask_about: str = "Ask about this paper"
    remove: str = "Remove from the library"
    remove_question: str = "Remove “{title}” from the library? Conversations keep their quotes."
    remove_yes: str = "Remove it"
    removed: str = "“{title}” was removed."
    paper_gone: str = "This paper is not in the library any more."

    add: str = "Add papers"
    add_intro: str = (
        "Drop exports of your reference manager or pages saved as text; they need abstracts. Up to {size} MB "
        "at a time; "
        "larger files, and folders, with: assistant add FILE"
    )
    add_files: str = "Files"
    add_more_files: str = "Choose more files"
    add_paste: str = "Or paste text here"
    add_paste_hint: str = "Titles and abstracts from a page, or the text of an export. DOIs alone need a network."
    add_go: str = "Add to the library"
    add_nothing: str = "Choose files or paste some text first."
    add_reading: str = "{count} papers read…"
    add_embedding: str = "Indexing: {done} of {total} papers…"
    add_done: str = "{added} added, {updated} updated, {unchanged} unchanged, {skipped} skipped."
    add_stopped: str = (
        "Stopped. What was read is in the library; the rest of the indexing is done with the next question."
    )
    add_skipped: str = "What was skipped, and why ({count})"
    add_line: str = "{source}, line {line}: {reason}"
    add_file: str = "{source}: {reason}"
    add_more: str = "… and {count} more"
    add_only_dois: str = (
        "These are DOIs without abstracts. Looking them up needs a network, which this page does not use: "
        "export the papers with their abstracts and add that, or fetch them in a terminal with: assistant add doi:10.…"
    )

    settings_answers: str = "Answers"
    settings_mode: str = "Whose words"
    settings_mode_info: str = "In effect with the next question, and kept."
    mode_auto: str = "Automatic: whichever did better with this model when it was measured"
    mode_quoted: str = "Quotes: sentences of the abstracts, word for word, at once"
    mode_written: str = "Written: the language model’s sentences, each checked; slower"
    settings_length: str = "Length of an answer"
    settings_length_info: str = "Sentences at most; it stops earlier where fewer are enough."
    settings_cited: str = "Papers in an answer"
    settings_cited_info: str = (
        "How many are named and quoted where you ask for several (“which papers use …?”). "
        "A question about one paper, or about two, cites that one or these two."
    )
    settings_read: str = "Papers read for an answer"
    settings_read_info: str = (
        "How many of the nearest ones are read sentence by sentence. More may find what ranks low, and takes longer; "
        "fewer is faster."
    )
    settings_more: str = (
        "Everything else stands in assistant.toml in the home folder and takes effect when the program is started "
        "again."
    )
    settings_saved: str = "Saved."
    status_title: str = "What is here"
    status_papers: str = "Papers"
    status_index: str = "Search index"
    status_index_value: str = "{papers} papers in {chunks} passages"
    status_index_none: str = "none yet"
    status_reembedding: str = "re-embedding for {model}: {done} of {total}"
    status_reembedding_failed: str = "re-embedding for {model} failed: {reason}"
    status_chat: str = "Language model"
    status_embeddings: str = "Embedding model"
    status_speed: str = "Last answer"
    status_speed_value: str = "{retrieve} s to the evidence, {total} s in all"
    status_speed_none: str = "no question yet"
    status_waiting: str = "Questions being answered or waiting"
    status_home: str = "Home folder"
    status_network: str = "Network"
    status_network_value: str = "not used: nothing leaves this machine"
    status_network_remote: str = "used: questions and evidence are sent to {model}"
    status_version: str = "Version"
    status_size: str = "{name}, {size} MB"
    check: str = "Check everything"
    checking: str = "Checking…"
    checked: str = "Checked"
    all_well: str = "Everything is in order."
    good: str = "in order"
    bad: str = "needs attention"
    repair: str = "Build the index anew"
    repairing: str = "Building the index…"
    repaired: str = "The index was built anew."

    language: str = "Language"
    theme_light: str = "Light"
    theme_dark: str = "Dark"
    help_html: str = (
        '<h2 id="pa-help-title">How to use this page</h2>'
        "<h3>Reading an answer</h3><ul>"
        "<li><strong>[1]</strong> leads to the exact sentence in its abstract; the number there leads back. "
        "Resting on a "
        "number shows title and quote.</li>"
        '<li><span class="pa-tag pa-tag-quoted">quoted</span> the abstract’s own words. '
        '<span class="pa-tag pa-tag-supported">checked</span> the language model’s words, checked against the '
        "quote.</li>"
        "<li>Where nothing answers, the assistant says so and names the nearest papers.</li></ul>"
        "<h3>With the keyboard</h3><table><thead><tr><th>Key</th><th>Does</th></tr></thead><tbody>"
        "<tr><td><kbd>/</kbd></td><td>go to the question</td></tr>"
        "<tr><td><kbd>Enter</kbd></td><td>ask; <kbd>Shift</kbd> <kbd>Enter</kbd> begins a new line</td></tr>"
        "<tr><td><kbd>Esc</kbd></td><td>stop the answer</td></tr>"
        "<tr><td><kbd>n</kbd></td><td>next number in the answers; <kbd>p</kbd> the one before</td></tr>"
        "<tr><td><kbd>Enter</kbd> on a number</td><td>to its sentence; <kbd>b</kbd> back to the answer</td></tr>"
        "<tr><td><kbd>c</kbd></td><td>new conversation</td></tr>"
        "<tr><td><kbd>1</kbd> – <kbd>4</kbd></td><td>Ask, Library, Settings, Help</td></tr>"
        "<tr><td><kbd>?</kbd></td><td>this page</td></tr></tbody></table>"
        "<p>Letters work while no text box has the focus.</p>"
        "<h3>What is kept</h3><p>Papers, conversations and choices lie in the home folder on this machine. "
        "Nothing is sent "
        "anywhere.</p>"
    )

    exported: str = "Exported from the paper assistant {version} on {date}"
    exported_sources: str = "Sources"
    exported_bibtex: str = "BibTeX"

    port_taken: str = (
        "port {port} of {host} is taken by another program; choose another with: assistant serve --port {other}"
    )
    cannot_listen: str = (
        "cannot listen on {host} port {port} ({reason}); choose others with: assistant serve --host HOST --port PORT"
    )


ENGLISH = Texts()
