"""Says what is wrong with a JSON document by a JSON schema; nothing where nothing is.

validate.py SCHEMA < DOCUMENT
"""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
formats = validator.FORMAT_CHECKER
# Without the package for addresses they would be taken on trust.
assert "uri-reference" in formats.checkers
found = list(validator(schema, format_checker=formats).iter_errors(json.load(sys.stdin)))
for error in found:
    print(error.json_path, error.message)
sys.exit(1 if found else 0)
