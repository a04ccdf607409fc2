"""Models and texts that work without a network. Import what you need: ``from labs_lib.zoo import minilm``."""
