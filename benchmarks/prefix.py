"""Whether what all prompts begin with is better kept on disk than read by the model again at each start.

    python benchmarks/prefix.py MODEL.gguf [ROUNDS]

Each round starts two processes: in one the model reads the fixed tokens of the prompt of `written` answers, as the
assistant does; the other takes their cells out of a file, checks them (CRC-32) and gives them to llama.cpp. Then both read
a question's tokens, and must come to the same numbers. Milliseconds, medians over the rounds. The longer prompts are not
ours; they tell from when on a file would be worth it.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from pathlib import Path
from statistics import median

import numpy as np

from assistant.models.chat import ChatLlamaCpp
from assistant.models.files import digest
from assistant.prompts import load_prompt
from assistant.writing import PROMPT_VARIABLES

QUESTION = "By how much do warmer winters shorten the time in which bees stay in their hives?"
QUOTE = "In hives that were kept at four degrees more, bees left 11 days earlier and used 18% more of their honey."
LENGTHS = (0, 128, 512)  # tokens; 0 is the prompt as it is


def evaluate(llama, fixed, file):
    llama.reset()
    llama.eval(fixed)


def save(llama, file):
    import llama_cpp

    data = (ctypes.c_uint8 * llama_cpp.llama_state_seq_get_size(llama._ctx.ctx, 0))()
    assert llama_cpp.llama_state_seq_get_data(llama._ctx.ctx, data, len(data), 0) == len(data)
    file.write_bytes(zlib.crc32(data).to_bytes(4, "little") + bytes(data))


def restore(llama, fixed, file):
    import llama_cpp

    raw = file.read_bytes()
    data = (ctypes.c_uint8 * (len(raw) - 4)).from_buffer_copy(raw, 4)
    assert zlib.crc32(data) == int.from_bytes(raw[:4], "little")
    llama._ctx.kv_cache_seq_rm(-1, 0, -1)
    assert llama_cpp.llama_state_seq_set_data(llama._ctx.ctx, data, len(data), 0) == len(data)
    llama.input_ids[: len(fixed)] = fixed
    llama.n_tokens = len(fixed)


WAYS = {"evaluated": evaluate, "restored": restore}


def start(path, way, folder):
    """Print what the ``way`` takes for each length, in a process that has read nothing before."""
    model = ChatLlamaCpp(model_path=path)
    engine, prompt = model.engine, load_prompt("sentence", PROMPT_VARIABLES)
    tokens = model._prompt(prompt.messages(question=QUESTION, quote=QUOTE))
    llama = engine._llama  # its thread has nothing to do
    engine._use_threads(engine._pace.most)
    for length in LENGTHS:
        fixed = (tokens.fixed * length)[:length] or tokens.fixed
        file = Path(folder) / str(length)
        started = time.perf_counter()
        WAYS[way](llama, fixed, file)
        ready = time.perf_counter()
        if way == "evaluated":
            save(llama, file)
        saved = time.perf_counter()
        llama.eval(tokens.rest)
        logits = np.ctypeslib.as_array(llama._ctx.get_logits_ith(-1), (llama.n_vocab(),))
        read = time.perf_counter() - saved
        print(json.dumps([len(fixed), way, ready - started, read, file.stat().st_size, zlib.crc32(logits.tobytes())]))
    model.close()


def main(path, rounds="7"):
    took, came_to, sizes = defaultdict(list), defaultdict(set), {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(int(rounds)):
            for way in WAYS:
                command = [sys.executable, __file__, path, way, folder]
                said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                for length, _, seconds, rest, size, logits in map(json.loads, said.splitlines()):
                    took[length, way].append(seconds)
                    took[length, f"question after {way}"].append(rest)
                    came_to[length].add(logits)
                    sizes[length] = size
    assert all(len(logits) == 1 for logits in came_to.values())
    columns = [*WAYS, *(f"question after {way}" for way in WAYS)]
    print(f"| tokens | file, MB | {' | '.join(columns)} |\n{'|---' * (2 + len(columns))}|")
    for length, size in sizes.items():
        cells = " | ".join(f"{1000 * median(took[length, column]):.1f}" for column in columns)
        print(f"| {length} | {size / 1e6:.1f} | {cells} |")
    started = time.perf_counter()
    digest(Path(path))
    print(f"the digest of the model, which would name the file: {1000 * (time.perf_counter() - started):.0f}")


if __name__ == "__main__":
    start(*sys.argv[1:]) if len(sys.argv) > 3 else main(*sys.argv[1:])
