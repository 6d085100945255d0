"""Figures as a person reads them: durations, tokens, money."""

from __future__ import annotations

from configurable_agents.projection import RunView, Spent


def duration(seconds: float) -> str:
    """`0.02s`, `4.1s`, `2m05s`."""
    if seconds < 1:
        return f"{seconds:.2f}s"
    return f"{seconds:.1f}s" if seconds < 60 else f"{int(seconds // 60)}m{int(seconds % 60):02d}s"


def money(usd: float) -> str:
    """`$0`, `$0.0004`, `$1.20`."""
    if usd == 0:
        return "$0"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}" if usd >= 0.0001 else f"${usd:.6f}"


def spent(total: Spent) -> str:
    """`120 → 43 tokens, $0.0004`; nothing where no model was called."""
    replayed = f"{counted(total.replayed, 'reply', 'replies')} replayed" if total.replayed else ""
    if not total.model_calls:
        return replayed
    paid = f"{tokens(total)}, {cost(total)}"
    return f"{paid}, {replayed}" if replayed else paid


def tokens(total: Spent) -> str:
    """`120 → 43 tokens`."""
    return f"{total.input_tokens:,} → {total.output_tokens:,} tokens"


def cost(total: Spent) -> str:
    """`$0.0004`, `cost unknown for openai/new`."""
    if not total.unpriced:
        return money(total.known_cost_usd)
    known = f"{money(total.known_cost_usd)} and " if total.known_cost_usd else ""
    return f"cost {known}unknown for {', '.join(total.unpriced)}"


def asked_model(view: RunView) -> str:
    """The model that a run asked instead of those of its file, and what `auto` came to; nothing where it is neither."""
    return view.model or (f"auto: {view.auto}" if view.auto else "")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 run`, `3 runs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(amount: int) -> str:
    """`512 B`, `3.4 MB`."""
    if amount < 1000:
        return f"{amount} B"
    value = float(amount)
    for unit in ("kB", "MB"):
        value /= 1000
        if value < 1000:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} GB"
