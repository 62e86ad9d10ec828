"""python3 sqlite_append.py FOLDER ENTRIES GROUP: rows of 200 bytes into SQLite, WAL with synchronous=FULL, one transaction
for each group. Durable, but without hashes, signatures or proofs. Prints what timed.mjs prints."""

import json
import os
import resource
import sqlite3
import sys
import time

base, entries, group = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rows = [(os.urandom(200),) for _ in range(entries)]
db = sqlite3.connect(f"{base}/log.sqlite", isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=FULL")
db.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, entry BLOB)")


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


before, started = cpu(), time.perf_counter()
for at in range(0, entries, group):
    db.execute("BEGIN")
    db.executemany("INSERT INTO log (entry) VALUES (?)", rows[at : at + group])
    db.execute("COMMIT")
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "cpu": cpu() - before, "count": entries}))
