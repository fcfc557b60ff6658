"""Memories, in this process: what Mem0 keeps in its vector store."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


def _now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass(slots=True)
class Memory:
    """One memory, and what it was before."""

    memory: str
    user_id: str
    metadata: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: str = field(default_factory=_now)
    updated_at: str | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    def change(self, event: str, new: str | None) -> None:
        old = None if event == "ADD" else self.memory
        entry = {"id": str(uuid.uuid4()), "memory_id": self.id, "old_memory": old, "new_memory": new}
        self.history.append({**entry, "event": event, "created_at": _now()})

    def shown(self) -> dict[str, Any]:
        shown = asdict(self)
        del shown["history"]
        return shown


class Memories:
    """All of them, by id. Whose they are is for the server to judge."""

    def __init__(self) -> None:
        self._by_id: dict[str, Memory] = {}

    def add(self, text: str, user_id: str, metadata: dict[str, Any]) -> Memory:
        memory = Memory(text, user_id, metadata)
        memory.change("ADD", text)
        self._by_id[memory.id] = memory
        return memory

    def find(self, memory_id: str) -> Memory | None:
        return self._by_id.get(memory_id)

    def of(self, user_id: str) -> list[Memory]:
        return [memory for memory in self._by_id.values() if memory.user_id == user_id]

    def search(self, user_id: str, query: str, limit: int) -> list[Memory]:
        """Those with most of the query's words first."""
        words = set(query.lower().split())
        scored = [(len(words & set(one.memory.lower().split())), one) for one in self.of(user_id)]
        ranked = sorted(scored, key=lambda pair: -pair[0])
        return [one for score, one in ranked if score][:limit]

    def update(self, memory: Memory, text: str) -> None:
        memory.change("UPDATE", text)
        memory.memory, memory.updated_at = text, _now()

    def delete(self, memory: Memory) -> None:
        del self._by_id[memory.id]
