"""What single architectures need besides small sizes: fields of their configurations, and their inputs.

A dictionary goes into the sub-configuration of that name; one with a ``model_type`` replaces it. ``inputs`` are shapes,
as in ``INPUTS``; None takes an input away.
"""

from __future__ import annotations

from typing import Any

TEXT_ONLY = {"inputs": {"decoder_input_ids": None}}
LINEAR_THEN_FULL = {"layer_types": ["linear_attention", "full_attention"]}
MAMBA = {"mamba_n_heads": 4, "mamba_d_head": 16, "mamba_d_state": 16, "mamba_chunk_size": 16}
RESNET = {
    "model_type": "resnet",
    "embedding_size": 8,
    "hidden_sizes": [8, 16, 24, 32],
    "depths": [1, 1, 1, 1],
    "out_features": ["stage2", "stage3", "stage4"],
}
STAGES = {"out_features": ["stage2", "stage3", "stage4"]}
HGNET = {"stem_channels": [3, 4, 6]}
SWIN = {
    "embed_dim": 24,
    "image_size": 64,
    "patch_size": 4,
    "window_size": 2,
    "num_heads": [1, 2, 4, 8],
    "inputs": {"pixel_values": (1, 3, 64, 64)},
}
SOUND_CODER = {"num_filters": 2, "hidden_size": 16, "depths": [1] * 7}
ROPE = {"rope_type": "default", "rope_theta": 10000.0}

EXCEPTIONS: dict[str, dict[str, Any]] = {
    # sequence to sequence, and speech
    "audioflamingo3": TEXT_ONLY,
    "fsmt": {"src_vocab_size": 96, "tgt_vocab_size": 96},
    "glmasr": TEXT_ONLY,
    "granite_speech": TEXT_ONLY,
    "granite_speech_plus": TEXT_ONLY,
    "moss_transcribe_diarize": TEXT_ONLY,
    "musicflamingo": TEXT_ONLY,
    "nemo_speechlm": {
        **TEXT_ONLY,
        "audio_config": {"diarization_config": {"head_config": {"audio_hidden_size": 32}}},
        "word_timestamp_config": {"blank_token_id": 95},
        "text_config": {
            "layers_block_type": ["linear_attention", "full_attention", "moe"],
            "mamba_num_heads": 8,
            "mamba_head_dim": 8,
        },
    },
    "qwen2_audio": TEXT_ONLY,
    "qwen3_asr": {**TEXT_ONLY, "audio_config": {"downsample_hidden_size": 16, "output_dim": 32}},
    "vibevoice_asr": {
        **TEXT_ONLY,
        "acoustic_tokenizer_encoder_config": SOUND_CODER,
        "semantic_tokenizer_encoder_config": SOUND_CODER,
    },
    "voxtral": TEXT_ONLY,
    "canary": {"encoder_config": {"subsampling_conv_channels": 16}, "inputs": {"input_features": (1, 64, 16)}},
    "cohere_asr": {"encoder_config": {"subsampling_conv_channels": 16}, "inputs": {"input_features": (1, 64, 16)}},
    "dia": {
        "decoder_config": {
            "cross_num_attention_heads": 4,
            "cross_num_key_value_heads": 4,
            "cross_head_dim": 8,
            "cross_hidden_size": 32,
        },
        "inputs": {"input_features": None, "input_ids": (1, 12), "decoder_input_ids": (1, 8, 9)},
    },
    "fun_asr_nano": {
        **TEXT_ONLY,
        "adaptor_config": {"intermediate_size": 8},
        "audio_config": {"num_timestamp_prediction_layers": 1},
        "inputs": {"input_features": None, "decoder_input_ids": None, "input_ids": (1, 12)},
    },
    "kyutai_speech_to_text": {
        "codebook_vocab_size": 96,
        "audio_pad_token_id": 95,
        "num_codebooks": 4,
        "codec_config": {
            "num_filters": 4,
            "codebook_size": 16,
            "codebook_dim": 16,
            "num_quantizers": 4,
            "vector_quantization_hidden_dimension": 16,
            "upsample_groups": 32,
        },
        "inputs": {"input_features": None, "decoder_input_ids": None, "input_ids": (1, 8, 5)},
    },
    "moonshine": {
        **{
            f"{part}_{field}": size
            for part in ("encoder", "decoder")
            for field, size in (("num_hidden_layers", 2), ("num_attention_heads", 4), ("num_key_value_heads", 4))
        },
        "inputs": {"input_features": None, "input_values": (1, 2000)},
    },
    "moonshine_streaming": {"num_key_value_heads": 4, "inputs": {"input_features": None, "input_values": (1, 2000)}},
    "pop2piano": {"inputs": {"input_features": (1, 12, 32)}},
    "speech-encoder-decoder": {"inputs": {"input_features": None, "input_values": (1, 2000)}},
    "speech_to_text": {"conv_channels": 32, "input_feat_per_channel": 16, "inputs": {"input_features": (1, 40, 16)}},
    "speecht5": {"inputs": {"input_features": None, "input_values": (1, 2000)}},
    "vibevoice": {
        "audio_config": SOUND_CODER,
        "semantic_model_config": SOUND_CODER,
        "inputs": {"input_features": None, "decoder_input_ids": None, "input_ids": (1, 12)},
    },
    "whisper": {"max_source_positions": 20},
    # sounds in, letters out
    "granite_speech5_ctc": {
        "encoder_config": {"context_size": 16},
        "inputs": {"input_values": None, "input_features": (1, 40, 64)},
    },
    "lasr_ctc": {
        "encoder_config": {"subsampling_conv_channels": 16},
        "inputs": {"input_values": None, "input_features": (1, 64, 16)},
    },
    "parakeet_ctc": {
        "encoder_config": {"subsampling_conv_channels": 16},
        "inputs": {"input_values": None, "input_features": (1, 64, 16)},
    },
    "wav2vec2-bert": {
        "vocab_size": 96,
        "feature_projection_input_dim": 16,
        "inputs": {"input_values": None, "input_features": (1, 40, 16)},
    },
    "wav2vec2-conformer": {"vocab_size": 96},
    # masked language models
    "esm": {"vocab_size": 96, "pad_token_id": 1, "mask_token_id": 2},
    "funnel": {"block_sizes": [1, 1, 1], "d_head": 8, "d_inner": 64},
    "luke": {"entity_vocab_size": 16, "entity_emb_size": 16},
    "neomme": {"head_dim": 16, "embedding_rank": 16},
    "perceiver": {
        "num_latents": 8,
        "d_latents": 32,
        "num_self_attends_per_block": 2,
        "num_self_attention_heads": 4,
        "num_cross_attention_heads": 4,
    },
    "reformer": {
        "axial_pos_shape": [8, 8],
        "axial_pos_embds_dim": [16, 16],
        "attention_head_size": 8,
        "attn_layers": ["local", "lsh"],
        "local_attn_chunk_length": 4,
        "lsh_attn_chunk_length": 4,
        "num_buckets": 4,
    },
    "roc_bert": {
        "pronunciation_vocab_size": 96,
        "pronunciation_embed_dim": 16,
        "shape_vocab_size": 96,
        "shape_embed_dim": 16,
    },
    "xmod": {"default_language": "en_XX"},
    # object detection
    "conditional_detr": {"backbone_config": RESNET},
    "dab-detr": {"backbone_config": RESNET},
    "deformable_detr": {
        "backbone_config": RESNET,
        "two_stage_num_proposals": 10,
        "inputs": {"pixel_values": (1, 3, 96, 96)},
    },
    "detr": {"backbone_config": RESNET},
    "table-transformer": {"backbone_config": RESNET},
    "d_fine": {"backbone_config": {**HGNET, **STAGES}, "decoder_layers": 2},
    "deimv2": {"backbone_config": {**HGNET, **STAGES}, "decoder_layers": 2},
    "pp_doclayout_v2": {
        "backbone_config": {**HGNET, **STAGES},
        "class_thresholds": [0.0] * 5,
        "class_order": [0, 1, 2, 3, 4],
    },
    "pp_doclayout_v3": {
        "backbone_config": {**HGNET, "out_features": ["stage1", "stage2", "stage3", "stage4"]},
        "x4_feat_dim": 16,
    },
    "pp_doclayout_v4": {"backbone_config": {**HGNET, **STAGES}},
    "lw_detr": {
        "decoder_self_attention_heads": 4,
        "decoder_cross_attention_heads": 4,
        "projector_scale_factors": [1.0],
        "backbone_config": {
            "image_size": 64,
            "num_windows": 4,
            "num_hidden_layers": 3,
            "window_block_indices": [0, 1],
            "out_features": ["stage2", "stage3"],
        },
    },
    # image classification
    "bit": {"num_groups": 4},
    "convnext": {"patch_size": 4, "inputs": {"pixel_values": (1, 3, 64, 64)}},
    "convnextv2": {"patch_size": 4, "inputs": {"pixel_values": (1, 3, 64, 64)}},
    "cvt": {"embed_dim": [8, 12, 24], "depth": [1, 2, 3]},
    "donut-swin": SWIN,
    "swin": SWIN,
    "swinv2": SWIN,
    "efficientnet": {"width_coefficient": 0.25, "depth_coefficient": 0.25, "hidden_dim": 320},
    "hgnet_v2": HGNET,
    "hiera": {"embed_dim": 8, "image_size": [64, 64], "inputs": {"pixel_values": (1, 3, 64, 64)}},
    "imagegpt": {"inputs": {"pixel_values": None, "input_ids": (1, 12)}},
    "levit": {
        "image_size": 64,
        "patch_size": 16,
        "hidden_sizes": [16, 24, 32],
        "num_attention_heads": [2, 3, 4],
        "key_dim": [8, 8, 8],
        "inputs": {"pixel_values": (1, 3, 64, 64)},
    },
    "mobilenet_v1": {"depth_multiplier": 0.25},
    "mobilenet_v2": {"depth_multiplier": 0.25},
    "mobilevit": {"hidden_sizes": [16, 16, 16], "patch_size": 2},
    "mobilevitv2": {"patch_size": 2, "width_multiplier": 0.25, "inputs": {"pixel_values": (1, 3, 64, 64)}},
    "shieldgemma2": {"yes_token_index": 4, "no_token_index": 5, "inputs": {"pixel_values": None, "input_ids": (1, 12)}},
    "siglip2": {
        "vision_config": {"num_patches": 16},
        "inputs": {"pixel_values": (1, 16, 192), "pixel_attention_mask": (1, 16), "spatial_shapes": [[4, 4]]},
    },
    "textnet": {"stem_out_channels": 8},
    # language models
    "musicgen_melody": {"inputs": {"input_ids": (4, 12)}},
    "musicgen": {"inputs": {"input_ids": (4, 12)}},
    "dbrx": {"attn_config": {"rope_theta": 10000.0, "clip_qkv": 8.0}},
    "rt_detr_v2": {"backbone_config": STAGES},
    "rt_detr": {"backbone_config": STAGES},
    "mimo_v2_flash": {"num_attention_heads": 8, "head_dim": 24, "v_head_dim": 16},
    "falcon_h1": {"mamba_d_ssm": 64, "mamba_n_heads": 8},
    "voxtral_realtime": {"inputs": {"decoder_input_ids": None, "input_features": (1, 16, 96)}},
    "mobilebert": {"embedding_size": 16},
    "rwkv": {"inputs": {"use_cache": False}},
    "qwen4_exp_text": {
        "layer_types": ["linear_attention", "indexed_attention"],
        "indexer_n_heads": 2,
        "indexer_kv_heads": 1,
        "indexer_head_dim": 8,
        "indexer_budget": 8,
        "indexer_compress_ratio": 4,
    },
    "lfm3": {"layer_types": ["conv", "full_attention"]},
    "deepseek_v2": {"num_experts_per_tok": 2},
    "pp_ocrv5_mobile_det": {
        "neck_out_channels": 16,
        "layer_list_out_channels": [4, 6, 8, 10],
        "backbone_config": {"scale": 0.25, "out_features": ["stage2", "stage3", "stage4", "stage5"]},
    },
    "bailing_hybrid": {**LINEAR_THEN_FULL, "num_local_experts": 4, "num_experts_per_tok": 2},
    "bamba": {**MAMBA, "attn_layer_indices": [1]},
    "blt": {
        "encoder_hash_byte_group_vocab": 50,
        "encoder_config": {"hidden_size_global": 32},
        "decoder_config": {"hidden_size_global": 32},
        "inputs": {"use_cache": False},
    },
    "codegen": {"rotary_dim": 4},
    "cohere_compass_text": {"rope_parameters": {"full_attention": ROPE, "sliding_attention": ROPE}},
    "doge": {"keep_window_size": 16, "num_experts_per_tok": 2},
    "dots1": {"n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1},
    "ernie4_5_moe": {"moe_k": 2},
    "gemma3n_text": {
        "num_kv_shared_layers": 0,
        "intermediate_size": [64, 64],
        "vocab_size_per_layer_input": 96,
        "hidden_size_per_layer_input": 8,
        "laurel_rank": 8,
        "activation_sparsity_pattern": [0.5, 0.0],
    },
    "gemma4": {"text_config": {"vocab_size_per_layer_input": 96, "hidden_size_per_layer_input": 8}},
    "gemma4_text": {"vocab_size_per_layer_input": 96, "hidden_size_per_layer_input": 8},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "gptj": {"rotary_dim": 4},
    "granitemoehybrid": {**MAMBA, **LINEAR_THEN_FULL, "shared_intermediate_size": 16},
    "hunyuan_v1_dense": {"head_dim": 8},
    "hunyuan_v1_moe": {"head_dim": 8},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1, "mamba_dt_rank": 4},
    "kimi_linear": {
        **LINEAR_THEN_FULL,
        "linear_head_dim": 8,
        "linear_num_heads": 4,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "n_shared_experts": 1,
    },
    "lfm2_moe": {"layer_types": ["conv", "full_attention"], "num_dense_layers": 1},
    "longcat_flash": {"qk_head_dim": 16, "moe_topk": 2, "zero_expert_num": 2},
    "mamba2": {"num_heads": 8, "state_size": 16, "n_groups": 2, "chunk_size": 16},
    "ministral": {"head_dim": 8},
    "nemotron": {"num_key_value_heads": 4},
    "phi4_multimodal": {
        "audio_config": {"ext_pw_out_channel": 32, "depthwise_separable_out_channel": 32, "nemo_conv_channels": 32}
    },
    "qwen3_5_moe_text": LINEAR_THEN_FULL,
    "qwen3_5_text": LINEAR_THEN_FULL,
    "qwen3_next": LINEAR_THEN_FULL,
    "recurrent_gemma": {"block_types": ["recurrent", "attention"], "lru_width": 32},
    "xlstm": {"ffn_round_up_to_multiple_of": 8, "inputs": {"use_cache": False}},
    "zamba": {
        "layers_block_type": ["linear_attention", "hybrid"] * 2,
        "num_hidden_layers": 4,
        "attention_hidden_size": 64,
        "attention_head_dim": 16,
        "mamba_dt_rank": 4,
    },
    "zamba2": {"layers_block_type": ["linear_attention", "hybrid"], "mamba_d_state": 16, "chunk_size": 16},
    "zaya": {"num_experts_per_tok": 1, "router_hidden_size": 16},
}
