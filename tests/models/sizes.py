"""Sizes that make almost any architecture tiny: what a configuration's fields become where it has them."""

from __future__ import annotations

# A whole number in a configuration becomes this one. Fields that are None are derived from others and stay None.
SMALL: dict[str, int] = {
    # width
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "emb_dim", "embed_dim", "embedding_dim"), 32),
    **dict.fromkeys(("intermediate_size", "ffn_dim", "d_ff", "encoder_ffn_dim", "decoder_ffn_dim", "n_inner"), 64),
    **dict.fromkeys(("hidden_dim", "feed_forward_size", "mlp_dim", "dim_ff", "dff", "ffn_hidden_size"), 64),
    **dict.fromkeys(("t2u_encoder_ffn_dim", "t2u_decoder_ffn_dim", "speech_encoder_intermediate_size"), 64),
    **dict.fromkeys(("moe_intermediate_size", "shared_expert_intermediate_size", "expert_ffn_hidden_size"), 16),
    **dict.fromkeys(("moe_shared_expert_intermediate_size", "dense_intermediate_size", "ffn_dim_list"), 32),
    **dict.fromkeys(("embedding_size", "classifier_proj_size", "projection_dim", "projector_hidden_size"), 32),
    **dict.fromkeys(("encoder_hidden_dim", "prediction_head_size", "decoder_hidden_size"), 32),
    **dict.fromkeys(("q_lora_rank", "kv_lora_rank", "o_lora_rank"), 16),
    # heads
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), 4),
    **dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 4),
    "num_key_value_heads": 4,  # as many as heads: some architectures insist
    **dict.fromkeys(("index_n_heads", "linear_num_key_heads", "linear_num_value_heads"), 2),
    **dict.fromkeys(("head_dim", "d_kv", "v_head_dim", "qk_nope_head_dim", "qk_rope_head_dim"), 8),
    **dict.fromkeys(("linear_key_head_dim", "linear_value_head_dim"), 8),
    "global_head_dim": 8,
    "index_head_dim": 16,
    "index_topk": 8,
    # depth
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_blocks"), 2),
    **dict.fromkeys(("encoder_layers", "decoder_layers", "num_decoder_layers", "speech_encoder_layers"), 2),
    **dict.fromkeys(("t2u_encoder_layers", "t2u_decoder_layers"), 2),
    # experts
    **dict.fromkeys(("num_experts", "n_routed_experts", "num_local_experts", "moe_num_experts"), 4),
    "num_experts_per_tok": 2,
    **dict.fromkeys(("n_group", "topk_group"), 1),
    # state spaces
    **dict.fromkeys(("mamba_d_state", "mamba_chunk_size", "state_size", "ssm_state_size", "chunk_size"), 16),
    # tables
    "vocab_size": 96,
    **dict.fromkeys(("max_position_embeddings", "n_positions"), 64),
    **dict.fromkeys(("num_queries", "num_denoising"), 10),
    "num_labels": 5,
    # inputs
    "image_size": 32,
    "patch_size": 8,
    **dict.fromkeys(("num_mel_bins", "num_conv_pos_embeddings"), 16),
    # tokens
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
}

# Lists of whole numbers keep their length; each number is divided by this one, and stays at least 1.
DIVIDED: dict[str, int] = {
    **dict.fromkeys(("hidden_sizes", "embed_dims", "neck_hidden_sizes", "base_attn_unit_dims"), 8),
    **dict.fromkeys(("stage_in_channels", "stage_mid_channels", "stage_out_channels", "encoder_in_channels"), 8),
    **dict.fromkeys(("decoder_in_channels", "conv_dim", "tdnn_dim"), 8),
    **dict.fromkeys(("depths", "stage_num_blocks", "num_block_repeats"), 100),
}
