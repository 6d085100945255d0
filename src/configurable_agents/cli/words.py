"""Figures as a person reads them: durations, tokens, money."""

from __future__ import annotations

from configurable_agents.projection import Spent


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
    if not total.model_calls:
        return ""
    tokens = f"{total.input_tokens:,} → {total.output_tokens:,} tokens"
    if total.unpriced:
        known = f"{money(total.known_cost_usd)} and " if total.known_cost_usd else ""
        return f"{tokens}, cost {known}unknown for {', '.join(total.unpriced)}"
    return f"{tokens}, {money(total.known_cost_usd)}"
