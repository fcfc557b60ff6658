"""Verifies keyctl's API keys and gets provider secrets, from the store itself.

```python
from keyctl_runtime import Reader

with Reader.open("keys.db") as reader:
    result = reader.verify(token, scope="memories:read")
    if result:
        print(result.principal)
```
"""

from .aio import AsyncReader
from .errors import (
    AddressError,
    ConfigurationError,
    InvalidAsk,
    KeyctlError,
    KeyUnavailable,
    MasterKeyError,
    StoreUnavailable,
    TokenDenied,
    Unavailable,
)
from .keys import FROM_ENVIRONMENT
from .master_key import MasterKey
from .reader import Reader
from .results import Allowed, Denied, JwtAllowed, JwtResult, Result
from .secret import SecretValue

__all__ = [
    "FROM_ENVIRONMENT",
    "AddressError",
    "Allowed",
    "AsyncReader",
    "ConfigurationError",
    "Denied",
    "InvalidAsk",
    "JwtAllowed",
    "JwtResult",
    "KeyUnavailable",
    "KeyctlError",
    "MasterKey",
    "MasterKeyError",
    "Reader",
    "Result",
    "SecretValue",
    "StoreUnavailable",
    "TokenDenied",
    "Unavailable",
]
