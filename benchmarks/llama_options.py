"""What llama.cpp's options are worth for a model file, on prompts as `written` answers have them.

    python benchmarks/llama_options.py MODEL.gguf [ROUNDS]

Each row changes one option: tokens a second of reading a prompt of 320 tokens (none of it known before) and of writing 48
that follow, medians over the rounds, in which all rows take turns. Prompt lookup proposes tokens of the prompt, as quoting
would want; its row says how fast the same text is written.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import defaultdict
from statistics import median

from assistant.models.engine import usable_kernels

READ, WRITTEN = 320, 48


def rows():
    import llama_cpp  # after the assistant, which says how its threads shall wait
    from llama_cpp.llama_speculative import LlamaPromptLookupDecoding

    eight = llama_cpp.GGML_TYPE_Q8_0
    return {
        "as the assistant does": {},
        "batch 256": {"n_batch": 256, "n_ubatch": 256},
        "batch 128": {"n_batch": 128, "n_ubatch": 128},
        "micro-batch 128": {"n_ubatch": 128},
        "flash attention": {"flash_attn": True},
        "keys in 8 bits": {"type_k": eight},
        "keys and values in 8 bits, flash attention": {"type_k": eight, "type_v": eight, "flash_attn": True},
        "prompt lookup, 4 tokens": {"draft_model": LlamaPromptLookupDecoding(num_pred_tokens=4)},
        "prompt lookup, 10 tokens": {"draft_model": LlamaPromptLookupDecoding(num_pred_tokens=10)},
    }


def prompt(model, number):
    """Return tokens of made-up sentences and the request to repeat one of them."""
    draw = random.Random(number)
    words = "bees hive winter honey graph colour map ice sea salt model error survey sample year method".split()
    lines = [" ".join(draw.choices(words, k=12)).capitalize() + f" by {draw.randint(2, 98)} %." for _ in range(40)]
    text = "Answer with one sentence of the text.\n\n" + " ".join(lines)
    return model.tokenize(text.encode())[: READ - 8] + model.tokenize(b"\n\nThe sentence:", add_bos=False)[:8]


def measure(options, path, number):
    import llama_cpp

    threads = len(os.sched_getaffinity(0))
    chosen = {"n_ctx": 1024, "n_batch": 512, "n_threads": threads, "n_threads_batch": threads} | options
    with usable_kernels():
        model = llama_cpp.Llama(path, verbose=False, logits_all="draft_model" in options, **chosen)
    tokens = prompt(model, number)
    stream = model.generate(tokens, temp=0.0)
    started = time.perf_counter()
    next(stream)
    read = time.perf_counter()
    for _ in range(WRITTEN):
        next(stream)
    ended = time.perf_counter()
    stream.close()
    model.close()
    return len(tokens) / (read - started), WRITTEN / (ended - read)


def main(path, rounds="5"):
    found = defaultdict(list)
    for number in range(int(rounds)):
        for name, options in rows().items():
            found[name].append(measure(options, path, number))
    print("| option | reading, tokens/s | writing, tokens/s |\n|---|---|---|")
    for name, speeds in found.items():
        read, written = (median(column) for column in zip(*speeds, strict=True))
        print(f"| {name} | {read:.0f} | {written:.0f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
