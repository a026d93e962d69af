"""``assistant models``: which models are there, fetching one, choosing one."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.common import Subparsers, note, print_json, print_line, progress_note

if TYPE_CHECKING:
    from assistant.models.inventory import ListedModel


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "models", parents=[home], help="list, fetch or choose models",
        description="Which language and embedding models are there, and what to do about it.",
    )  # fmt: skip
    actions = parser.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list", parents=[home], help="models in use, here, and recommended",
        description="The models in use (marked *), those that are here, and recommended ones that can be fetched.",
    )  # fmt: skip
    listing.set_defaults(run=run_list)
    pull = actions.add_parser(
        "pull", parents=[home], help="fetch a GGUF file into the library's folder of models",
        description="Fetch a GGUF file into the folder “models” of the library's folder. Stopped, it goes on where it "
        "was. No other command fetches anything.",
    )  # fmt: skip
    pull.add_argument("wanted", metavar="NAME|URL|OWNER/REPOSITORY/FILE", help="a recommended model, or where one is")
    pull.add_argument("--sha256", metavar="DIGEST", type=_digest, help="what the file must have")
    pull.set_defaults(run=run_pull)
    use = actions.add_parser(
        "use", parents=[home], help="choose a model for this library",
        description="Load a GGUF file or a sentence-transformers folder once, then write it into assistant.toml.",
    )  # fmt: skip
    use.add_argument("wanted", metavar="NAME|PATH", help="a model that is listed, its path, “bundled” or “none”")
    use.add_argument(
        "--as", dest="role", choices=["chat", "embedding"], help="which of the two bundled models (default: chat)"
    )
    use.set_defaults(run=run_use)
    for action in (listing, pull, use):
        action.add_argument("--json", action="store_true", help="print the result as one JSON document")


def run_list(args: argparse.Namespace) -> int:
    """Print the models."""
    from assistant.models.inventory import list_models
    from assistant.settings import load_settings

    home = _home(args)
    models = list_models(home, load_settings(home, dict(args.set)))
    if args.json:
        print_json([model.to_dict() for model in models])
        return 0
    for model in models:
        print_line(_line(model))
    return 0


def run_pull(args: argparse.Namespace) -> int:
    """Fetch a model; say what to do with it."""
    from dataclasses import replace

    from assistant.models.downloads import fetch, source_of
    from assistant.models.inventory import models_folder

    source = source_of(args.wanted)
    source = replace(source, sha256=args.sha256 or source.sha256)
    got = fetch(source, models_folder(_home(args)), progress_note())
    if args.json:
        print_json({"path": str(got.path), "size": got.size, "sha256": got.sha256,
                    "verified": got.verified, "fetched": got.fetched})  # fmt: skip
        return 0
    known = "as it should be" if got.verified else "not known before, kept beside the file"
    print_line(f"{got.path}{'' if got.fetched else ' was here already'}\nsha256 {got.sha256} ({known})")
    note(f"choose it with: assistant models use {got.path.name}")
    return 0


def run_use(args: argparse.Namespace) -> int:
    """Choose a model."""
    from assistant.models.choosing import choose
    from assistant.settings import PREFIX, load_settings
    from assistant.settings_file import write_setting

    home = _home(args)
    choice = choose(args.wanted, home, args.role)
    before = load_settings(home)
    path = write_setting(home, choice.setting, choice.value)
    if args.json:
        print_json({"setting": choice.setting, "value": choice.value, "file": str(path)})
    else:
        print_line(f"{choice.setting} = {choice.value}, in {path}")
    if getattr(load_settings(home), choice.setting) != choice.value:
        note(f"{PREFIX}{choice.setting.upper()} is set and goes before the file; unset it")
    elif choice.role == "embedding" and choice.value != before.embedding_model:
        note("to make the index for it: assistant doctor --repair at once, assistant serve beside the answers")
    elif choice.role == "chat" and before.mode == "quoted" and choice.value != "none":
        note("mode is “quoted”, which uses no language model; set mode to “written” or “auto”")
    return 0


def _home(args: argparse.Namespace) -> Path:
    from assistant.settings import default_home

    return Path(args.home).expanduser() if args.home else default_home()


def _line(model: ListedModel) -> str:
    size = f"{model.size / 1e6:,.0f} MB" if model.size else ""
    kind = f"sha256:{model.sha256[:12]}" if model.sha256 else ""
    todo = f"-> {model.todo}" if model.todo else ""
    columns = f"{'*' if model.in_use else ' '} {model.role:9}  {model.origin:11}  {model.name}"
    details = ", ".join(part for part in (size, model.licence, kind) if part)
    return "  ".join(part for part in (columns, details, todo) if part)


def _digest(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no SHA-256: 64 hexadecimal digits")
    return text.lower()
