"""The page's texts in German."""

from __future__ import annotations

from ui.texts import Texts

GERMAN = Texts(
    code="de",
    name="Deutsch",
    path="/de/",
    title="Paper-Assistent",
    starting_html=(
        '<!doctype html><html lang="de"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        "<title>Paper-Assistent</title></head>"
        '<body style="font-family:system-ui;text-align:center;padding-top:30vh"><p role="status">'
        "Die Seite startet und öffnet sich in wenigen Sekunden von selbst.</p></body></html>"
    ),
    tagline="Antworten aus Ihrer eigenen Bibliothek, mit den genauen Worten, auf denen sie beruhen.",
    library_one="1 Paper",
    library_many="{count} Papers",
    models="Modelle: {chat}, {embeddings}",
    models_missing="ein Modell fehlt",
    models_loading="Modelle werden gesucht …",
    skip="Zur Frage springen",
    tab_ask="Fragen",
    tab_library="Bibliothek",
    tab_settings="Einstellungen",
    tab_help="Hilfe",
    conversation="Gespräch",
    question="Ihre Frage",
    question_hint="Fragen Sie nach den Papers Ihrer Bibliothek",
    ask="Fragen",
    stop="Anhalten",
    retry="Noch einmal fragen",
    edit_question="Bearbeiten",
    copy_answer="Mit Quellen kopieren",
    question_number="Frage {number}",
    editing="Frage {number} wird bearbeitet: Die neue Frage ersetzt sie und alles danach.",
    cancel="Abbrechen",
    clear="Neues Gespräch",
    history="Gespräche",
    history_search="Gespräche durchsuchen",
    history_search_hint="Gespräche durchsuchen",
    history_empty="Ihre Gespräche werden hier aufbewahrt, auf diesem Rechner.",
    history_none="In keinem Gespräch kommen diese Wörter vor.",
    today="Heute",
    yesterday="Gestern",
    history_toggle="Gespräche",
    rename="Name dieses Gesprächs",
    delete="Löschen",
    delete_conversation="Dieses Gespräch löschen? Es lässt sich nicht zurückholen.",
    delete_yes="Löschen",
    keep_it="Behalten",
    export="Exportieren",
    export_markdown="Markdown",
    export_html="Drucken oder PDF",
    export_bibtex="BibTeX der Quellen",
    export_ris="RIS der Quellen",
    untitled="Neues Gespräch",
    not_kept="Gespräche können nicht aufbewahrt werden: {reason}",
    gone="Dieses Gespräch gibt es nicht mehr.",
    narrow="Auf Jahre, einen Autor oder Ort beschränken",
    narrow_year="Jahre",
    narrow_year_hint="2019..2023",
    narrow_author="Autorin oder Autor",
    narrow_venue="Zeitschrift oder Tagung",
    narrow_apply="Anwenden",
    narrow_all="Alle Papers",
    scope="Berücksichtigte Papers:",
    scope_year="Jahre {value}",
    scope_author="von {value}",
    scope_venue="in {value}",
    scope_only="„{value}“",
    scope_without="ohne „{value}“",
    scope_remove="entfernen",
    welcome_html=(
        '<h2 class="pa-welcome">Was sagen Ihre Papers?</h2>'
        "<p>Stellen Sie eine Frage in eigenen Worten. Jeder Satz der Antwort führt zum genauen Satz eines Abstracts. "
        "Wo Ihre Bibliothek keine Antwort hat, sagt der Assistent das. Fragen und Antworten sind auf Englisch, wie die "
        "Abstracts.</p>"
    ),
    empty_title="Ihre Bibliothek ist leer",
    empty_html=(
        '<h2 class="pa-welcome">Ihre Bibliothek ist leer</h2><ol class="pa-steps">'
        "<li>Exportieren Sie Ihre Papers mit Abstracts aus Ihrer Literaturverwaltung.</li>"
        "<li>Öffnen Sie oben <strong>Bibliothek</strong> und legen Sie die Datei dort ab, oder fügen Sie ihren "
        "Text ein. "
        "Im Terminal: <code>assistant add FILE</code>.</li>"
        "<li>Warten Sie, bis die Papers indiziert sind; die Seite zeigt, wie weit es ist.</li>"
        "<li>Kommen Sie hierher zurück und stellen Sie eine Frage.</li>"
        "<li>Folgen Sie den Nummern der Antwort zu den Sätzen, auf denen sie beruht.</li></ol>"
        "<p>Um sich zuerst umzusehen, beenden Sie das Programm und starten Sie es mit <code>make chat</code>: "
        "Das füllt "
        "eine leere Bibliothek mit Beispielen.</p>"
    ),
    empty_answer=(
        "Ihre Bibliothek ist leer, es gibt nichts, woraus eine Antwort kommen könnte. Fügen Sie unter "
        "Bibliothek Papers "
        "hinzu, oder mit: assistant add FILE"
    ),
    summaries_html=(
        "<strong>Bisher nur Zusammenfassungen.</strong> Die Beispiele haben Zusammenfassungen in anderen Worten, "
        "zitiert werden also diese. Fügen Sie unter Bibliothek die echten Abstracts hinzu; sie treten an deren Stelle."
    ),
    trouble="Etwas braucht Ihre Aufmerksamkeit:",
    trouble_more="Einstellungen, „Was hier ist“, prüft alles und baut einen beschädigten Index neu.",
    waiting_one="Eine andere Frage wird beantwortet; Ihre ist die nächste.",
    waiting="{place} Fragen werden vor Ihrer beantwortet.",
    busy="Zu viele Fragen warten; fragen Sie in einer Minute noch einmal.",
    searching="Ihre Bibliothek wird durchsucht …",
    evidence="Belege in {found} von {papers} Papers gefunden.",
    no_evidence="Nichts in {papers} Papers beantwortet das.",
    writing="Die Sätze, die antworten, werden ausgewählt …",
    searched_for="Gesucht wurde",
    change_query="Ändern",
    status_quoted="zitiert",
    status_quoted_why="Die Worte des Abstracts selbst",
    status_checked="geprüft",
    status_checked_why="Worte des Sprachmodells, am Zitat geprüft",
    quoted_note="Jeder Satz ist wörtlich zitiert.",
    status_table="aus der Bibliothek",
    table_note="Aus der Tabelle Ihrer Bibliothek abgelesen; die Zitate zeigen, wovon die Papers handeln.",
    library_note="Was kein Paper nennt, ist aus Ihrer Bibliothek abgelesen.",
    written_note="Vom Sprachmodell geschrieben; jeder Satz wurde am Zitat geprüft, das er nennt.",
    mixed_note=(
        "Vom Sprachmodell geschrieben; jeder Satz wurde am Zitat geprüft, das er nennt. Sätze in "
        "Anführungszeichen sind "
        "wörtlich zitiert."
    ),
    unsupported="nicht belegt",
    unsupported_why="Kein Zitat belegt diesen Satz",
    stopped="Angehalten.",
    stopped_note="Sie haben diese Antwort angehalten; was oben steht, ist geprüft.",
    error_title="Das ging nicht:",
    unexpected=(
        "Im Programm ist etwas schiefgegangen. Das Terminal, in dem es läuft, sagt was; noch einmal zu fragen "
        "kann helfen."
    ),
    abstain_tip=(
        "Es kann helfen, in anderen Worten zu fragen, eine Methode oder einen Datensatz zu nennen oder Papers "
        "zu diesem "
        "Thema hinzuzufügen."
    ),
    ask_instead="Sie könnten fragen:",
    nearest="Die nächsten Papers Ihrer Bibliothek",
    sources="Quellen",
    sources_empty=(
        "Hier erscheinen die Abstracts hinter einer Antwort, die zitierten Sätze markiert. Nummern wie [1] in einer "
        "Antwort führen zu ihnen."
    ),
    sources_none="Diese Antwort ist aus der Tabelle Ihrer Bibliothek abgelesen; sie nennt kein Paper.",
    sources_for="Zur Antwort auf",
    source_label="Quelle",
    other_evidence="Auch gefunden, in der Antwort nicht verwendet ({count})",
    back="Zurück zur Antwort",
    open_paper="Paper öffnen",
    summary_note="Zusammenfassung in anderen Worten, nicht der Abstract",
    summary_short="Zusammenfassung",
    and_others="u. a.",
    fits_well="Passt gut zur Frage",
    fits="Passt zur Frage",
    fits_partly="Passt teilweise zur Frage",
    fit_why="Wie wahrscheinlich der beste dieser Sätze die Frage beantwortet: {score}",
    cite="Zitieren",
    copy_bibtex="BibTeX kopieren",
    copy_ris="RIS kopieren",
    copy_reference="Literaturangabe kopieren",
    copied="Kopiert",
    copy_failed="Das konnte nicht kopiert werden.",
    more_like="Ähnliche",
    alike="Ähnliche Papers",
    none_alike="Kein anderes Paper ist diesem ähnlich.",
    only_this="Nur dieses Paper",
    leave_out="Auslassen",
    shelf_search="Titel, Namen, Zeitschriften und Abstracts durchsuchen",
    shelf_year="Jahre",
    shelf_author="Autorin oder Autor",
    shelf_venue="Zeitschrift oder Tagung",
    shelf_order="Sortieren nach",
    order_added="Zuletzt hinzugefügt",
    order_added_old="Zuerst hinzugefügt",
    order_title="Titel",
    order_year_new="Jahr, neueste zuerst",
    order_year="Jahr, älteste zuerst",
    order_venue="Zeitschrift oder Tagung",
    shelf_count="{first}–{last} von {total} Papers",
    shelf_count_one="1 Paper",
    shelf_none="Kein Paper passt zu diesen Angaben.",
    shelf_empty="Ihre Bibliothek ist leer. Fügen Sie unten Papers hinzu.",
    shelf_table="Papers",
    column_title="Titel",
    column_authors="Namen",
    column_year="Jahr",
    column_venue="Zeitschrift oder Tagung",
    previous="Zurück",
    following="Weiter",
    by_year="Papers nach Jahr",
    in_year="{count} aus {year}",
    without_year="{count} ohne Jahr",
    export_shelf="Diese Papers exportieren:",
    paper_pick="Wählen Sie in der Tabelle ein Paper, um hier seinen Abstract zu sehen.",
    paper_close="Schließen",
    ask_about="Zu diesem Paper fragen",
    remove="Aus der Bibliothek entfernen",
    remove_question="„{title}“ aus der Bibliothek entfernen? Gespräche behalten ihre Zitate.",
    remove_yes="Entfernen",
    removed="„{title}“ wurde entfernt.",
    paper_gone="Dieses Paper ist nicht mehr in der Bibliothek.",
    add="Papers hinzufügen",
    add_intro=(
        "Legen Sie Exporte Ihrer Literaturverwaltung oder als Text gesicherte Seiten ab; sie brauchen "
        "Abstracts. Bis {size} "
        "MB auf einmal; größere Dateien und Ordner mit: assistant add FILE"
    ),
    add_files="Dateien",
    add_more_files="Weitere Dateien wählen",
    add_paste="Oder Text hier einfügen",
    add_paste_hint="Titel und Abstracts einer Seite oder der Text eines Exports. DOIs allein brauchen ein Netz.",
    add_go="Zur Bibliothek hinzufügen",
    add_nothing="Wählen Sie zuerst Dateien oder fügen Sie Text ein.",
    add_reading="{count} Papers gelesen …",
    add_embedding="Wird indiziert: {done} von {total} Papers …",
    add_done="{added} hinzugefügt, {updated} aktualisiert, {unchanged} unverändert, {skipped} übersprungen.",
    add_stopped=(
        "Angehalten. Was gelesen ist, steht in der Bibliothek; der Rest wird mit der nächsten Frage indiziert."
    ),
    add_skipped="Was übersprungen wurde, und warum ({count})",
    add_line="{source}, Zeile {line}: {reason}",
    add_file="{source}: {reason}",
    add_more="… und {count} weitere",
    add_only_dois=(
        "Das sind DOIs ohne Abstracts. Sie nachzuschlagen braucht ein Netz, das diese Seite nicht benutzt: "
        "Exportieren Sie die Papers mit ihren Abstracts und fügen Sie das hinzu, oder holen Sie sie in einem Terminal "
        "mit: assistant add doi:10.…"
    ),
    settings_answers="Antworten",
    settings_mode="Wessen Worte",
    settings_mode_info="Gilt ab der nächsten Frage und bleibt so.",
    mode_auto="Automatisch: was sich mit diesem Modell beim Messen besser bewährt hat",
    mode_quoted="Zitate: Sätze der Abstracts, Wort für Wort, sofort",
    mode_written="Geschrieben: Sätze des Sprachmodells, jeder geprüft; langsamer",
    settings_length="Länge einer Antwort",
    settings_length_info="Sätze höchstens; sie endet früher, wo weniger genügen.",
    settings_cited="Papers in einer Antwort",
    settings_cited_info=(
        "Wie viele genannt und zitiert werden, wo Sie nach mehreren fragen („which papers use …?“). "
        "Eine Frage nach einem oder zwei Papers zitiert dieses eine oder diese zwei."
    ),
    settings_read="Für eine Antwort gelesene Papers",
    settings_read_info=(
        "Wie viele der nächsten Satz für Satz gelesen werden. Mehr findet auch, was weiter hinten steht, und dauert "
        "länger; weniger ist schneller."
    ),
    settings_more=(
        "Alles andere steht in assistant.toml im Datenordner und gilt, wenn das Programm neu gestartet wird."
    ),
    settings_saved="Gesichert.",
    status_title="Was hier ist",
    status_papers="Papers",
    status_index="Suchindex",
    status_index_value="{papers} Papers in {chunks} Abschnitten",
    status_index_none="noch keiner",
    status_reembedding="wird für {model} neu eingebettet: {done} von {total}",
    status_reembedding_failed="die neue Einbettung für {model} misslang: {reason}",
    status_chat="Sprachmodell",
    status_embeddings="Einbettungsmodell",
    status_speed="Letzte Antwort",
    status_speed_value="{retrieve} s bis zu den Belegen, {total} s insgesamt",
    status_speed_none="noch keine Frage",
    status_waiting="Fragen in Arbeit oder wartend",
    status_home="Datenordner",
    status_network="Netz",
    status_network_value="unbenutzt: Nichts verlässt diesen Rechner",
    status_network_remote="benutzt: Fragen und Belege gehen an {model}",
    status_version="Version",
    status_size="{name}, {size} MB",
    check="Alles prüfen",
    checking="Wird geprüft …",
    checked="Geprüft",
    all_well="Alles ist in Ordnung.",
    good="in Ordnung",
    bad="braucht Aufmerksamkeit",
    repair="Index neu aufbauen",
    repairing="Der Index wird aufgebaut …",
    repaired="Der Index wurde neu aufgebaut.",
    language="Sprache",
    theme_light="Hell",
    theme_dark="Dunkel",
    help_html=(
        '<h2 id="pa-help-title">Wie man diese Seite benutzt</h2>'
        "<h3>Eine Antwort lesen</h3><ul>"
        "<li><strong>[1]</strong> führt zum genauen Satz im Abstract; die Nummer dort führt zurück. Auf einer "
        "Nummer zu "
        "verweilen zeigt Titel und Zitat.</li>"
        '<li><span class="pa-tag pa-tag-quoted">zitiert</span> die Worte des Abstracts selbst. '
        '<span class="pa-tag pa-tag-supported">geprüft</span> Worte des Sprachmodells, am Zitat geprüft.</li>'
        "<li>Wo nichts antwortet, sagt der Assistent das und nennt die nächsten Papers.</li></ul>"
        "<h3>Mit der Tastatur</h3><table><thead><tr><th>Taste</th><th>Wirkung</th></tr></thead><tbody>"
        "<tr><td><kbd>/</kbd></td><td>zur Frage</td></tr>"
        "<tr><td><kbd>Enter</kbd></td><td>fragen; <kbd>Umschalt</kbd> <kbd>Enter</kbd> beginnt eine neue "
        "Zeile</td></tr>"
        "<tr><td><kbd>Esc</kbd></td><td>die Antwort anhalten</td></tr>"
        "<tr><td><kbd>n</kbd></td><td>nächste Nummer in den Antworten; <kbd>p</kbd> die davor</td></tr>"
        "<tr><td><kbd>Enter</kbd> auf einer Nummer</td><td>zu ihrem Satz; <kbd>b</kbd> zurück zur Antwort</td></tr>"
        "<tr><td><kbd>c</kbd></td><td>neues Gespräch</td></tr>"
        "<tr><td><kbd>1</kbd> – <kbd>4</kbd></td><td>Fragen, Bibliothek, Einstellungen, Hilfe</td></tr>"
        "<tr><td><kbd>?</kbd></td><td>diese Seite</td></tr></tbody></table>"
        "<p>Buchstaben wirken, solange kein Textfeld den Fokus hat.</p>"
        "<h3>Was aufbewahrt wird</h3><p>Papers, Gespräche und Einstellungen liegen im Datenordner auf diesem "
        "Rechner. Nichts "
        "wird irgendwohin geschickt.</p>"
    ),
    exported="Exportiert aus dem Paper-Assistenten {version} am {date}",
    exported_sources="Quellen",
    exported_bibtex="BibTeX",
)
