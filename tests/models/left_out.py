"""What is not swept, and what does not hold for what is: each with a reason, and a test that it is still true."""

from __future__ import annotations

# Model types that transformers maps to the very class of another one, which is swept.
SAME_CLASS: dict[str, str] = {
    "dots3_note": "dots3_note_text",
    "gpt-sw3": "gpt2",
    "internlm3": "llama",
    "iquestcoder": "llama",
    "llama4": "llama4_text",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "qwen4_exp": "qwen4_exp_text",
}

# Model types that cannot be built: (task, the reason, a part of the error that says so).
NOT_BUILT: dict[str, tuple[str, str, str]] = {
    "dinat": ("image", "needs the library natten", "requires the natten library"),
    "gemma3n": ("causal-lm", "needs the library timm; its language model is swept", "requires the timm library"),
    "timm_wrapper": ("image", "needs the library timm", "requires the timm library"),
    "gemma4_assistant": (
        "causal-lm",
        "drafts from the states of a larger model, and has no default of its own",
        "hidden_size_per_layer_input must be 0",
    ),
    "gemma4_unified_assistant": (
        "causal-lm",
        "drafts from the states of a larger model, and reads that model's cache",
        "layer types producing a cache is different",
    ),
    "pp_ocrv5_server_det": (
        "detection",
        "the default configuration does not describe its blocks",
        "'NoneType' object is not subscriptable",
    ),
    "pp_ocrv6_medium_det": (
        "detection",
        "the default configuration does not describe its blocks",
        "'NoneType' object is not subscriptable",
    ),
    "pp_ocrv6_small_det": (
        "detection",
        "the default configuration's parts do not fit together",
        "expected input[1, 384, 4, 16] to have 12 channels",
    ),
}

# Architectures that keep only the queries of the highest score. A small error can change which ones these are, and the
# output then jumps by as much as two queries differ: no bound of first order holds.
CHOOSES = ("deimv2", "lw_detr", "pp_doclayout_v3", "rf_detr")

# Architectures whose float model does not run in bfloat16: (the reason, a part of the error that says so).
NO_BFLOAT16: dict[str, tuple[str, str]] = {
    "dab-detr": ("computes positions in float32", "must have the same dtype"),
    "fnet": ("its Fourier transform knows no bfloat16", "Unsupported dtype BFloat16"),
    "inkling2_text": ("computes a router in float32", "to have the same dtype"),
    "mra": ("computes its blocks in float32", "must have the same dtype"),
}
