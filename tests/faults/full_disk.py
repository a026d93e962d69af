"""``python tests/faults/full_disk.py 20``: the disk is full at so many different points of an `add`.

A second number is how many bytes are free at most, instead of nearly what adding needs.

The home lies on a small tmpfs of a mount namespace of its own. At each point the command ends with one line that says
why, the papers that were indexed before are found, and once there is space a rerun ends like an undisturbed one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import SETTINGS, command, contents, import_everything, name, paper, run, write_jsonl

_BEFORE, _MORE = 60, 600  # papers
_LARGE = 400 << 20
_NEARLY = 128 << 10  # how near to enough the last point is, in bytes


def mount(folder: Path, size_bytes: int, *options: str) -> None:
    """Mount or resize a tmpfs."""
    words = ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={size_bytes}"]), "tmpfs", str(folder)]
    subprocess.run(words, check=True)


def attempt(
    disk: Path, template: Path, free_bytes: int, sources: list[Path], wanted: dict[str, object]
) -> tuple[bool, list[str]]:
    """Add with so much free space and then with enough; return whether the space was too little, and what is wrong."""
    mount(disk, _LARGE)
    try:
        home, wrong = shutil.copytree(template, disk / "home"), []
        used = shutil.disk_usage(disk).used
        mount(disk, used + free_bytes, "remount")
        ended, _, said = command(home, "add", str(sources[1]), *_options())
        if ended and (ended != 1 or said.count("\n") != 1 or not ("disk" in said or "space" in said)):
            wrong.append(f"add ended with {ended}: {said}")
        code, out, said = command(home, "search", name(3), "--json", *_options())
        if code != 0 or json.loads(out)[0]["paper_id"] != paper(3).paper_id:
            wrong.append(f"search ended with {code}: {said}{out[:300]}")
        mount(disk, _LARGE, "remount")
        code, out, said = command(home, "add", *map(str, sources), *_options())
        if code != 0:
            wrong.append(f"the rerun ended with {code}: {said}")
        found = run(lambda _: contents(home))
        wrong += [f"{part} differ" for part, value in wanted.items() if json.loads(json.dumps(found[part])) != value]
        return bool(ended), wrong
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _options() -> list[str]:
    return [w for key, value in SETTINGS.items() for w in ("--set", f"{key}={value}")]


def needed(home: Path, template: Path, source: Path) -> int:
    """Return about how many bytes the home needs more than it has, while it is added to."""
    shutil.copytree(template, home)
    assert command(home, "add", str(source), *_options())[0] == 0
    of_generation = max(_size(folder) for folder in (home / "index").glob("g*"))
    return _size(home) - _size(template) + of_generation // 8


def too_little(disk: Path, template: Path, source: Path, whole: int) -> int:
    """Return the most free bytes, up to `_NEARLY`, with which adding ends for want of space; ``whole`` are enough."""
    least, enough = whole // 2, whole
    while enough - least > _NEARLY:
        middle = (least + enough) // 2
        mount(disk, _LARGE)
        try:
            home = shutil.copytree(template, disk / "home")
            mount(disk, shutil.disk_usage(disk).used + middle, "remount")
            ended, _, _ = command(home, "add", str(source), *_options())
        finally:
            subprocess.run(["umount", str(disk)], check=True)
        least, enough = (middle, enough) if ended else (least, middle)
    return least


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    """Try so many points, evenly spread from no space to nearly what adding needs."""
    if "--inside" not in sys.argv:
        return subprocess.run(["unshare", "-rm", sys.executable, *sys.argv, "--inside"], check=False).returncode
    points = int(sys.argv[1])
    import_everything()
    folder = Path(tempfile.mkdtemp(prefix="full_disk"))
    sources = [
        write_jsonl(folder / "before.jsonl", [paper(n) for n in range(_BEFORE)]),
        write_jsonl(folder / "more.jsonl", [paper(n) for n in range(_BEFORE, _BEFORE + _MORE)]),
    ]
    assert command(folder / "template", "add", str(sources[0]), *_options())[0] == 0
    whole = needed(folder / "whole", folder / "template", sources[1])
    wanted = json.loads(json.dumps(run(lambda _: contents(folder / "whole"))))
    (folder / "disk").mkdir()
    given = int(sys.argv[2]) if sys.argv[2].isdecimal() else None
    most = too_little(folder / "disk", folder / "template", sources[1], whole) if given is None else given
    failed = 0
    for point in range(points):
        free = most * point // max(points - 1, 1) // 4096 * 4096
        full, wrong = attempt(folder / "disk", folder / "template", free, sources, wanted)
        failed += bool(wrong)
        sys.stdout.write(json.dumps({"free_bytes": free, "full": full, "wrong": wrong}) + "\n")
        sys.stdout.flush()
    shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", os.fspath(Path(__file__).resolve().parents[2]))
    sys.exit(main())
