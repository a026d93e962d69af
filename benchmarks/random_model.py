"""A model file of another size, for speed alone: the shape of Qwen2.5 with random weights and the bundled model's tokenizer.

    python benchmarks/random_model.py OUT.gguf 0.5b|1.5b [q4_0|q4_k|q8_0]

How fast llama.cpp reads and writes depends on shape and types, not on the weights. What such a model says means nothing:
it repeats itself, so prompt lookup looks better with it than it is. The vocabulary is as large as Qwen2.5's, unused tokens
behind those of the tokenizer, and takes 8 bits a weight, as llama.cpp's own conversion of the 0.5B model has it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter

from assistant.models.files import BUNDLED, chat_model_file

CONTEXT, ROPE_BASE, EPSILON = 32_768, 1e6, 1e-6  # Qwen2.5's
SPREAD = 0.02  # of the weights
# What a block begins with, in 16 bits each, divided by SPREAD: its scale, and for q4_k that of what is taken off, so that
# weights lie around 0 when all other bits are random.
TYPES = {
    "q4_0": (GGMLQuantizationType.Q4_0, [1 / 4.6]),
    "q4_k": (GGMLQuantizationType.Q4_K, [1 / 260, 7.5 / 260]),
    "q8_0": (GGMLQuantizationType.Q8_0, [1 / 73.9]),
}


@dataclass(frozen=True)
class Shape:
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int = 151_936


SHAPES = {"0.5b": Shape(24, 896, 14, 2, 4864), "1.5b": Shape(28, 1536, 12, 2, 8960)}


def tensors(shape, kind):
    """Yield name, type and shape (rows, columns; rows alone for a vector) of every tensor, in the file's order."""
    hidden, cache = shape.hidden, shape.hidden // shape.heads * shape.kv_heads
    yield "token_embd.weight", "q8_0", (shape.vocabulary, hidden)
    for layer in range(shape.layers):
        for name, rows in {"attn_q": hidden, "attn_k": cache, "attn_v": cache}.items():
            yield f"blk.{layer}.{name}.weight", kind, (rows, hidden)
            yield f"blk.{layer}.{name}.bias", "f32", (rows,)
        yield f"blk.{layer}.attn_output.weight", kind, (hidden, hidden)
        yield f"blk.{layer}.ffn_gate.weight", kind, (shape.feed_forward, hidden)
        yield f"blk.{layer}.ffn_up.weight", kind, (shape.feed_forward, hidden)
        yield f"blk.{layer}.ffn_down.weight", kind, (hidden, shape.feed_forward)
        for name in ("attn_norm", "ffn_norm"):
            yield f"blk.{layer}.{name}.weight", "f32", (hidden,)
    yield "output_norm.weight", "f32", (hidden,)


def weights(draw, kind, size):
    """Return a tensor: ones for a vector, else blocks of scales and random bits, as bytes."""
    if kind == "f32":
        return np.ones(size, np.float32)
    number, scales = TYPES[kind]
    width, length = gguf.GGML_QUANT_SIZES[number]
    rows, columns = size
    blocks = draw.integers(0, 256, (rows * columns // width, length), dtype=np.uint8)
    blocks[:, : 2 * len(scales)] = (SPREAD * np.array(scales)).astype("<f2").view(np.uint8)
    return blocks.reshape(rows, -1)


def add_tokenizer(writer, source, vocabulary):
    """Copy the tokenizer and chat template of ``source``, and fill the vocabulary with unused tokens."""
    fields = GGUFReader(source).fields
    known = len(fields["tokenizer.ggml.tokens"].data)
    unused = {
        "tokenizer.ggml.tokens": [f"[UNUSED{number}]" for number in range(known, vocabulary)],
        "tokenizer.ggml.token_type": [int(gguf.TokenType.UNUSED)] * (vocabulary - known),
    }
    for name, field in fields.items():
        if name.startswith("tokenizer."):
            content = field.contents() + unused[name] if name in unused else field.contents()
            writer.add_key_value(name, content, field.types[0], field.types[-1] if len(field.types) > 1 else None)


def write(path, shape, kind="q4_0", source=None):
    """Write a model of ``shape`` to ``path``, one tensor in memory at a time."""
    writer = GGUFWriter(path, "qwen2")
    writer.add_name(path.stem)
    writer.add_block_count(shape.layers)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(EPSILON)
    add_tokenizer(writer, source or chat_model_file(BUNDLED), shape.vocabulary)
    planned = list(tensors(shape, kind))
    for name, kept_as, size in planned:
        number, _ = TYPES.get(kept_as, (GGMLQuantizationType.F32, None))
        width, length = gguf.GGML_QUANT_SIZES[number]
        writer.add_tensor_info(name, size, np.dtype(np.float32), int(np.prod(size)) // width * length, number)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    draw = np.random.default_rng(0)
    for _, kept_as, size in planned:
        writer.write_tensor_data(weights(draw, kept_as, size))
    writer.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("kind", nargs="?", choices=TYPES, default="q4_0")
    args = parser.parse_args()
    if SHAPES[args.shape].hidden % gguf.GGML_QUANT_SIZES[TYPES[args.kind][0]][0]:
        parser.error(f"rows of {args.shape} are not whole blocks of {args.kind}; choose another type")
    write(args.out, SHAPES[args.shape], args.kind)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:,.0f} MB")
