"""llama.cpp's own calls, one token after the other: the most that a program around it can reach."""

from __future__ import annotations

import time


def decoding(llama, tokens, count):
    """Return the tokens a second at which a loaded `llama_cpp.Llama` goes on after ``tokens``, the likeliest each time."""
    import llama_cpp

    context = llama._ctx.ctx
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    prompt = (llama_cpp.llama_token * len(tokens))(*tokens)
    llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(prompt, len(tokens)))
    sampler, one = llama_cpp.llama_sampler_init_greedy(), (llama_cpp.llama_token * 1)()
    one[0] = llama_cpp.llama_sampler_sample(sampler, context, -1)
    started = time.perf_counter()
    for _ in range(count):
        llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(one, 1))
        one[0] = llama_cpp.llama_sampler_sample(sampler, context, -1)
    taken = time.perf_counter() - started
    llama_cpp.llama_sampler_free(sampler)
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    llama.reset()
    return count / taken
