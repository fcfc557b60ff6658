"""The protected endpoints of a Mem0 server, each for the caller's own data.

KEYCTL_STORE=keys.db uvicorn mem0_server.app:serve --factory
"""

from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field

from keyctl_runtime import Allowed, AsyncReader
from keyctl_runtime.fastapi import ApiKeys, peer_address

from .memories import Memories, Memory


class Message(BaseModel):
    role: str
    content: str


class NewMemories(BaseModel):
    messages: list[Message] = Field(min_length=1)
    user_id: str
    metadata: dict[str, Any] = {}


class Changed(BaseModel):
    text: str


class Search(BaseModel):
    query: str
    user_id: str
    limit: int = Field(default=10, ge=1, le=100)


def create_app(reader: AsyncReader) -> FastAPI:
    """The server. Each endpoint names its scope, and then judges whose data it is."""
    app = FastAPI(title="memories")
    keys = ApiKeys(reader, realm="memories", address=peer_address)
    keys.install(app)
    memories = Memories()

    def own(caller: Allowed, memory_id: str) -> Memory:
        """A memory of the caller's. Another's and none at all look the same: 403."""
        memory = memories.find(memory_id)
        keys.require_owner(caller, memory.user_id if memory else "")
        assert memory is not None
        return memory

    reads = Annotated[Allowed, Depends(keys("memories:read"))]
    writes = Annotated[Allowed, Depends(keys("memories:write"))]

    @app.post("/memories")
    async def add(caller: writes, new: NewMemories) -> dict[str, Any]:
        keys.require_owner(caller, new.user_id)
        added = [memories.add(one.content, new.user_id, new.metadata) for one in new.messages]
        return {"results": [{"id": one.id, "memory": one.memory, "event": "ADD"} for one in added]}

    @app.get("/memories")
    async def get_all(caller: reads, user_id: str) -> dict[str, Any]:
        keys.require_owner(caller, user_id)
        return {"results": [one.shown() for one in memories.of(user_id)]}

    @app.post("/search")
    async def search(caller: reads, asked: Search) -> dict[str, Any]:
        keys.require_owner(caller, asked.user_id)
        found = memories.search(asked.user_id, asked.query, asked.limit)
        return {"results": [one.shown() for one in found]}

    @app.get("/memories/{memory_id}")
    async def get(caller: reads, memory_id: str) -> dict[str, Any]:
        return own(caller, memory_id).shown()

    @app.get("/memories/{memory_id}/history")
    async def history(caller: reads, memory_id: str) -> list[dict[str, Any]]:
        return own(caller, memory_id).history

    @app.put("/memories/{memory_id}")
    async def update(caller: writes, memory_id: str, changed: Changed) -> dict[str, str]:
        memories.update(own(caller, memory_id), changed.text)
        return {"message": "Memory updated successfully!"}

    @app.delete("/memories/{memory_id}")
    async def delete(caller: writes, memory_id: str) -> dict[str, str]:
        memories.delete(own(caller, memory_id))
        return {"message": "Memory deleted successfully!"}

    @app.delete("/memories")
    async def delete_all(caller: writes, user_id: str) -> dict[str, str]:
        keys.require_owner(caller, user_id)
        for memory in memories.of(user_id):
            memories.delete(memory)
        return {"message": "All relevant memories deleted"}

    return app


def serve() -> FastAPI:
    """With the store that `KEYCTL_STORE` names."""
    return create_app(AsyncReader.open())
