"""Which provider a model is called through."""

from __future__ import annotations

from collections.abc import Collection

FALLBACK = "litellm"


def provider_of(model: str, providers: Collection[str]) -> str:
    """The name of the provider for `model`: the part before `/` where one is registered by that name, else `litellm`.

    A provider that has a single model is also reached by its bare name (`demo`).
    """
    name = model.partition("/")[0]
    return name if name in providers else FALLBACK
