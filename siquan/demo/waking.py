"""Begin a loading process: it knows nothing of Django yet, so nothing here may import a model."""

from __future__ import annotations

import gc
import pickle


def wake(order: bytes) -> None:
    """Set up Django, then take the order, whose parts only exist after that."""
    import django

    django.setup()
    from siquan.demo import loading

    loading.begin(pickle.loads(order))  # noqa: S301 - written by our own parent process
    # What is there now stays: looking through it for garbage again and again cost a third of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
