"""``python tests/faults/damages.py``: damage every file of a home in every way, and see what becomes of it.

For each kind of damage: the doctor names the file; the other commands work or end with one line that says what to do;
``doctor --repair`` mends it, loses no more than it must, and keeps what it replaces. Nothing ends with a traceback or
a signal. Prints one JSON object a kind of damage.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import command, contents, import_everything, name, open_home, paper, run, write_jsonl
from kinds import DAMAGES, TOML, Damage

PAPERS = 40
SETTINGS = '# of ours\nmax_sentences = 2\nmode = "quoted"\nthreads = 2\n'
COMMANDS = ("search", "ask", "list", "show", "add")
_NOBODY = 65534


def build(folder: Path) -> None:
    """Make a home with papers of two runs, conversations and settings."""
    home = folder / "whole"
    home.mkdir()
    (home / TOML).write_text(SETTINGS, encoding="utf-8")
    sources = [
        write_jsonl(folder / f"{n}.jsonl", [paper(number) for number in range(n * PAPERS // 2, (n + 1) * PAPERS // 2)])
        for n in range(2)
    ]
    for source in sources:
        run(lambda _, source=source: _add(home, source))
    (folder / "contents.json").write_text(json.dumps(run(lambda _: contents(home))), encoding="utf-8")


def _add(home: Path, source: Path) -> None:
    with open_home(home) as assistant:
        assistant.add(source)
        if source.name.startswith("1"):
            for number in range(30):
                kept = assistant.conversations.begin(f"What is {name(number)}?")
                assistant.conversations.keep(kept, 1, {"question": name(number), "text": "x" * 300}, name(number))


def _words(what: str, folder: Path) -> list[str]:
    return {
        "search": ["search", name(3), "--json"],
        "ask": ["ask", f"What is {name(3)}?"],
        "list": ["papers", "list"],
        "show": ["papers", "show", paper(4).paper_id],
        "add": ["add", str(folder / "0.jsonl")],
    }[what]


def _as_nobody() -> None:
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)


def examine_damage(damage: Damage, folder: Path, commands: tuple[str, ...]) -> dict[str, Any]:
    """Damage a copy of the home, and report everything that is not as it should be."""
    home, wrong = folder / "damaged" / "home", []
    whole = folder / "whole"

    def fresh() -> None:
        shutil.rmtree(home.parent, ignore_errors=True)
        shutil.copytree(whole, home)
        if damage.other_user and os.geteuid() == 0:
            for path in [home.parent, home, *home.rglob("*")]:
                os.chown(path, _NOBODY, _NOBODY)
        damage.do(next(home.glob(damage.where)))

    def prepare() -> None:
        damage.prepare()
        if damage.other_user and os.geteuid() == 0:
            _as_nobody()

    def ask(*words: str) -> tuple[int, str, str]:
        code, out, said = command(home, *words, prepare=prepare)
        if code not in (0, 1, 3) or "Traceback" in said:
            wrong.append(f"{words[0]} ended with {code}: {said[-1500:]}")
        elif code == 1 and words[0] != "doctor" and (said.count("\n") != 1 or not _says_what_to_do(said)):
            wrong.append(f"{words[0]} says: {said}")
        return code, out, said

    for words in commands:
        fresh()
        ask(*_words(words, folder))
    fresh()
    code, out, _ = ask("doctor", "--json")
    bad = [f"{f['what']}: {f['text']}" for f in json.loads(out or "[]") if not f["ok"]]
    if damage.named and (code != 1 or not any(damage.named in text for text in bad)):
        wrong.append(f"the doctor does not name it: {bad}")
    _, repaired, _ = ask("doctor", "--repair", "--json")
    code, out, _ = ask("doctor", "--json")
    if code != 0:
        wrong.append(f"still wrong after the repair: {[f for f in json.loads(out or '[]') if not f['ok']]}")
    wrong += _differences(damage, home, whole, prepare)
    done = [f for f in json.loads(repaired or "[]") if f["what"].startswith("repair")]
    return {"damage": damage.what, "wrong": wrong, "doctor": bad, "repair": done}


def _says_what_to_do(said: str) -> bool:
    return any(
        word in said for word in ("assistant doctor", "permissions", "mend it or remove it", "the nearest known one is")
    )


def _differences(damage: Damage, home: Path, whole: Path, prepare: Callable[[], None]) -> list[str]:
    found, wanted = run(lambda _: prepare() or contents(home)), json.loads((whole.parent / "contents.json").read_text())
    wrong = []
    if damage.kept and found["texts"] != wanted["texts"]:
        wrong.append("the papers are not what they were")
    short = [{(p["paper_id"], p["title"], p["abstract"]) for p in c["texts"]} for c in (found, wanted)]
    if short[0] != short[1]:
        wrong.append(f"titles and abstracts differ: {len(short[0] ^ short[1])}")
    if found["indexed"] != found["papers"] or not all(found["found"][p][0] == p for p in found["found"]):
        wrong.append("the index is not the library's")
    if damage.aside and not (home / damage.aside).is_file():
        wrong.append(f"{damage.aside} is not there")
    if left := [
        p.name for p in home.iterdir() if p.name.endswith((".partial", ".recovering", ".recovered", ".reading"))
    ]:
        wrong.append(f"left over: {left}")
    return wrong


def main() -> int:
    """Try the kinds of damage that the options name, or all, with the commands they name, or all."""
    chosen, commands = sys.argv[1:2], tuple(sys.argv[2:]) or COMMANDS
    os.environ |= {"ASSISTANT_EMBEDDING_MODEL": "hashing", "ASSISTANT_CHAT_MODEL": "none"}
    import_everything()
    folder = Path(tempfile.mkdtemp(prefix="damages"))
    folder.chmod(0o755)
    build(folder)
    failed = 0
    for damage in DAMAGES:
        if not chosen or chosen[0] in damage.what:
            report = examine_damage(damage, folder, () if commands == ("none",) else commands)
            failed += bool(report["wrong"])
            sys.stdout.write(json.dumps(report) + "\n")
            sys.stdout.flush()
    shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
