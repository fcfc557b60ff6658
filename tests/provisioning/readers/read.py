"""What python-dotenv reads of a variable in each of the files: a JSON array."""

import json
import sys

from dotenv import dotenv_values

name, *files = sys.argv[1:]
print(json.dumps([dotenv_values(file).get(name) for file in files]))
