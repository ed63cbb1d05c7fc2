"""The client of models: questions go out, checked answers come back.

`ask_many` puts many questions to one OpenAI-compatible server at a time; `ask` puts
one. Neither knows who asks or what for.
"""

from .asking import Skip, ask, ask_many, is_accepting, list_models
from .shapes import MODES, Answer, Batch, Endpoint, Image, Question

__all__ = [
    "MODES",
    "Answer",
    "Batch",
    "Endpoint",
    "Image",
    "Question",
    "Skip",
    "ask",
    "ask_many",
    "is_accepting",
    "list_models",
]
