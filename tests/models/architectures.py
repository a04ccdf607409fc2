"""The architectures of the sweep, by task, and what each needs besides small sizes: all data."""

from __future__ import annotations

from typing import Any, NamedTuple


class Architecture(NamedTuple):
    """One model type of transformers, with the head that it is built with."""

    task: str
    name: str

    def __str__(self) -> str:
        return f"{self.task}/{self.name}"


# The table of transformers that says which class has the head for a task.
AUTO: dict[str, str] = {
    "seq2seq": "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    "speech": "MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES",
    "ctc": "MODEL_FOR_CTC_MAPPING_NAMES",
    "masked-lm": "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "detection": "MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES",
    "image": "MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES",
    "causal-lm": "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
}

# The model types in these tables that are swept, each once: under the first task that it has a head for.
NAMES: dict[str, str] = {
    "seq2seq": """
        audioflamingo3 bart bigbird_pegasus blenderbot blenderbot-small encoder-decoder fsmt glmasr granite_speech
        granite_speech_plus led longt5 m2m_100 marian mbart moss_transcribe_diarize mt5 musicflamingo mvp
        nemo_speechlm nllb-moe pegasus pegasus_x plbart prophetnet qwen2_audio qwen3_asr seamless_m4t
        seamless_m4t_v2 switch_transformers t5 t5gemma t5gemma2 umt5 vibevoice_asr voxtral voxtral_realtime
    """,
    "speech": """
        canary cohere_asr dia fun_asr_nano kyutai_speech_to_text moonshine moonshine_streaming pop2piano
        speech-encoder-decoder speech_to_text speecht5 vibevoice whisper
    """,
    "ctc": """
        data2vec-audio granite_speech5_ctc hubert lasr_ctc parakeet_ctc sew sew-d unispeech unispeech-sat wav2vec2
        wav2vec2-bert wav2vec2-conformer wavlm
    """,
    "masked-lm": """
        albert bert big_bird camembert convbert data2vec-text deberta deberta-v2 distilbert electra ernie esm esmc
        eurobert flaubert fnet funnel gte ibert jina_embeddings_v3 layoutlm longformer luke megatron-bert mobilebert
        modernbert modernvbert mpnet mra neomme nomic_bert nystromformer perceiver reformer rembert roberta
        roberta-prelayernorm roc_bert roformer squeezebert tapas ultrabert ultravbert xlm xlm-roberta xlm-roberta-xl
        xmod yoso
    """,
    "detection": """
        conditional_detr d_fine dab-detr deformable_detr deimv2 detr lw_detr pp_doclayout_v2 pp_doclayout_v3
        pp_doclayout_v4 pp_ocrv5_mobile_det rf_detr rt_detr rt_detr_v2 table-transformer yolos
    """,
    "image": """
        beit bit clip convnext convnextv2 cvt data2vec-vision deit dinov2 dinov2_with_registers donut-swin
        efficientnet focalnet hgnet_v2 hiera ijepa imagegpt levit metaclip_2 mobilenet_v1 mobilenet_v2 mobilevit
        mobilevitv2 poolformer pp_lcnet pvt pvt_v2 regnet resnet segformer shieldgemma2 siglip siglip2 swiftformer
        swin swinv2 textnet vit vit_msn
    """,
    "causal-lm": """
        afmoe apertus arcee aria_text axk1 axk2 bailing_hybrid bamba beam bert-generation biogpt bitnet bloom blt
        codegen cohere cohere2 cohere2_moe cohere_compass_text cpmant ctrl cwm dbrx deepseek_v2 deepseek_v3
        deepseek_v32 deepseek_v4 diffllama doge dots1 dots3_note_text emu3 ernie4_5 ernie4_5_moe exaone4 exaone_moe
        falcon falcon_h1 falcon_mamba flex_olmo flint fuyu gemma gemma2 gemma3 gemma3_text gemma3n_text gemma4
        gemma4_text gemma4_unified gemma4_unified_text git glm glm4 glm4_moe glm4_moe_lite glm_moe_dsa got_ocr2 gpt2
        gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gpt_oss gptj granite granite_swa granitemoe granitemoe_swa
        granitemoehybrid granitemoeshared helium hrm_text hunyuan_v1_dense hunyuan_v1_moe hy_v3 hy_v4 hyperclovax
        inkling2_text inkling_text jais2 jamba jetmoe kimi_linear kolibri1 laguna lfm2 lfm2_moe lfm3 llama
        llama4_text longcat_flash mamba mamba2 mellum mimo_v2_flash minicpm3 minimax minimax_m2 minimax_m3_vl_text
        ministral ministral3 mistral mixtral mllama modernbert-decoder moshi mpt musicgen musicgen_melody nanochat
        nemotron nemotron_h olmo olmo2 olmo3 olmo_hybrid olmoe openai-gpt opt persimmon phi phi3 phi4_multimodal
        phimoe qwen2 qwen2_moe qwen3 qwen3_5_moe_text qwen3_5_text qwen3_moe qwen3_next qwen4_exp_text
        recurrent_gemma rwkv seed_oss smollm3 solar_open stablelm starcoder2 trocr vaultgemma xglm xlnet xlstm youtu
        zamba zamba2 zaya
    """,
}

# What goes in, by task: shapes of integers (...ids), masks (...mask) and noise (the rest).
INPUTS: dict[str, dict[str, Any]] = {
    "seq2seq": {"input_ids": (1, 12), "decoder_input_ids": (1, 8)},
    "speech": {"input_features": (1, 16, 40), "decoder_input_ids": (1, 8)},
    "ctc": {"input_values": (1, 2000)},
    "masked-lm": {"input_ids": (1, 12)},
    "detection": {"pixel_values": (1, 3, 64, 64)},
    "image": {"pixel_values": (1, 3, 32, 32)},
    "causal-lm": {"input_ids": (1, 12)},
}

ARCHITECTURES = tuple(Architecture(task, name) for task, names in NAMES.items() for name in names.split())
