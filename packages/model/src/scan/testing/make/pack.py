"""Packs small files into the JSON that tests read. Usage: python pack.py OUT.json "how made" FILE..."""
import base64
import json
import pathlib
import sys

out, made, *files = sys.argv[1:]
rows = []
for file in files:
    path, _, opened = file.partition("=")
    row = {"name": pathlib.Path(path).name, "base64": base64.b64encode(pathlib.Path(path).read_bytes()).decode()}
    if opened:
        row["open"] = opened
    rows.append(row)
pathlib.Path(out).write_text(json.dumps({"made": made, "files": rows}, indent=2) + "\n")
