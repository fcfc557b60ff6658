"""A FastAPI dependency: `Authorization: Bearer` and `X-API-Key`, answered as RFC 6750 and RFC 9457 say.

```python
keys = ApiKeys(AsyncReader.open(), realm="memories")
keys.install(app)

@app.get("/memories")
async def memories(caller: Annotated[Allowed, Depends(keys("memories:read"))]): ...
```
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

try:
    from fastapi import FastAPI, HTTPException, Request, Response
except ImportError as error:
    from .errors import ConfigurationError, not_loaded

    raise ConfigurationError(not_loaded("this needs FastAPI", "fastapi", "fastapi", error)) from error

from starlette.concurrency import run_in_threadpool

from .aio import AsyncReader
from .errors import TokenDenied, Unavailable
from .reader import Reader
from .results import FORBIDDEN, UNAUTHORIZED, Allowed, Denied, Result

RETRY_AFTER: Final = 1
"""Seconds after which a client may ask again, where the store could not be read."""

_TITLES: Final = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable"}

Address = Callable[[Request], str | None]


def peer_address(request: Request) -> str | None:
    """The address of whoever opened the connection: the client's, if no proxy stands before."""
    return request.client.host if request.client else None


class Problem(HTTPException):
    """An answer that is no success, as `application/problem+json` with our type as `code`."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail=code, headers={"Cache-Control": "no-store", **(headers or {})})
        self.code = code

    def response(self) -> Response:
        body = {
            "type": "about:blank",
            "title": _TITLES[self.status_code],
            "status": self.status_code,
            "code": self.code,
        }
        return Response(
            json.dumps(body, separators=(",", ":")),
            status_code=self.status_code,
            headers=self.headers,
            media_type="application/problem+json",
        )


class ApiKeys:
    """Makes dependencies that let in who has a key, and nobody else."""

    def __init__(
        self, reader: AsyncReader | Reader, realm: str = "api", address: Address = lambda _: None
    ) -> None:
        """`address` gives the client's address where it can be trusted, as `peer_address` does if no
        proxy stands before; without it, a key that is bound to networks is denied."""
        if not all(c.isascii() and c.isprintable() and c not in '"\\' for c in realm):
            raise ValueError("a realm is of visible ASCII characters, without quotes and backslashes")
        self._reader, self._realm, self._address = reader, realm, address

    def install(self, app: FastAPI) -> None:
        """Lets the app answer with `Problem`s, also where a reader's `Unavailable` or `TokenDenied` comes
        out of an endpoint that asks the reader itself."""
        app.add_exception_handler(Problem, _answer)
        app.add_exception_handler(Unavailable, self._answer_unavailable)
        app.add_exception_handler(TokenDenied, self._answer_denied)

    def __call__(self, scope: str | None = None) -> Callable[[Request], Awaitable[Allowed]]:
        """A dependency that gives the `Allowed`, for keys that hold this scope."""

        async def allowed(request: Request) -> Allowed:
            return await self.verify(request, scope)

        return allowed

    async def verify(self, request: Request, scope: str | None = None) -> Allowed:
        """The same for an endpoint's own code; raises `Problem`."""
        token = self._credential(request)
        try:
            result = await self._ask(token, scope, self._address(request))
        except Unavailable as error:
            raise _unavailable(error) from None
        if isinstance(result, Denied):
            raise self._denied(result, scope)
        return result

    def require_owner(self, caller: Allowed, owner: str) -> None:
        """Raises `Problem` (403) unless it is the caller's own data. For owners in a body, or of what
        stands behind an id; where nothing stands there, ask with an owner that nobody has."""
        if owner != caller.principal:
            raise Problem(403, FORBIDDEN)

    async def _ask(self, token: str, scope: str | None, ip: str | None) -> Result:
        if isinstance(self._reader, AsyncReader):
            return await self._reader.verify(token, scope, ip=ip)
        return await run_in_threadpool(self._reader.verify, token, scope, None, ip)

    def _credential(self, request: Request) -> str:
        authorization = request.headers.getlist("authorization")
        keys = request.headers.getlist("x-api-key")
        if len(authorization) > 1 or len(keys) > 1:
            raise self._bad_request()
        found = set(keys)
        if authorization:
            scheme, _, token = authorization[0].partition(" ")
            if scheme.lower() == "bearer":
                # Several blanks may stand before it (RFC 9110 §11.4); what HTTP leaves behind it is its own.
                found.add(token.lstrip(" "))
            elif found:
                # A credential of another kind: which of them counts, nobody could say.
                raise self._bad_request()
        if len(found) > 1:
            raise self._bad_request()
        if not found:
            raise Problem(401, UNAUTHORIZED, {"WWW-Authenticate": f'Bearer realm="{self._realm}"'})
        return found.pop()

    def _bad_request(self) -> Problem:
        challenge = f'Bearer realm="{self._realm}", error="invalid_request"'
        return Problem(400, "invalid_request", {"WWW-Authenticate": challenge})

    def _denied(self, denied: Denied, scope: str | None) -> Problem:
        challenge = f'Bearer realm="{self._realm}", error='
        if denied.status == 401:
            return Problem(401, denied.type, {"WWW-Authenticate": challenge + '"invalid_token"'})
        if denied.reason == "scope" and scope is not None:
            wanted = f'"insufficient_scope", scope="{scope}"'
            return Problem(403, denied.type, {"WWW-Authenticate": challenge + wanted})
        return Problem(403, denied.type)

    async def _answer_unavailable(self, _: Request, error: Any) -> Response:
        assert isinstance(error, Unavailable)
        return _unavailable(error).response()

    async def _answer_denied(self, _: Request, error: Any) -> Response:
        assert isinstance(error, TokenDenied)
        return self._denied(error.denied, None).response()


def _unavailable(error: Unavailable) -> Problem:
    return Problem(503, error.type, {"Retry-After": str(RETRY_AFTER)})


async def _answer(_: Request, problem: Any) -> Response:
    assert isinstance(problem, Problem)
    return problem.response()
