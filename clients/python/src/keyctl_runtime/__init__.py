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
    LeaseBusy,
    LeaseEnded,
    LeaseLimited,
    LeaseUnconfigured,
    MasterKeyError,
    StoreUnavailable,
    TokenDenied,
    Unavailable,
)
from .keys import FROM_ENVIRONMENT
from .lease import AsyncLeasedToken, AsyncLeasing, LeasedToken, Leasing
from .lease_answer import Lease
from .master_key import MasterKey
from .reader import Reader
from .results import Allowed, Denied, JwtAllowed, JwtResult, Result
from .secret import SecretValue

__all__ = [
    "FROM_ENVIRONMENT",
    "AddressError",
    "Allowed",
    "AsyncLeasedToken",
    "AsyncLeasing",
    "AsyncReader",
    "ConfigurationError",
    "Denied",
    "InvalidAsk",
    "JwtAllowed",
    "JwtResult",
    "KeyUnavailable",
    "KeyctlError",
    "Lease",
    "LeaseBusy",
    "LeaseEnded",
    "LeaseLimited",
    "LeaseUnconfigured",
    "LeasedToken",
    "Leasing",
    "MasterKey",
    "MasterKeyError",
    "Reader",
    "Result",
    "SecretValue",
    "StoreUnavailable",
    "TokenDenied",
    "Unavailable",
]
