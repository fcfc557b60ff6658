import os
import sys

from keyctl_runtime import Reader

with Reader.open(os.environ["KEYCTL_STORE"]) as reader:
    token = sys.stdin.read().rstrip("\n")
    result = reader.verify(token, scope="chat")
    if result:
        secret = reader.secret(token, "anthropic")
        print(f"{result.principal} gets a secret of {len(secret)} characters")
    else:
        print(result.status)
