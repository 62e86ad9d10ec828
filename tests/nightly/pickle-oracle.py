# The oracle of the pickle machine: CPython's own unpickler, which logs what it imports and calls and lets nothing happen.
# Reads hex streams, one a line; answers one JSON list a line: ["import"|"call", module, name] in the order of running.
# Every imported name becomes a stand-in that records its calls; while a stream runs, an audit hook ends the process at the
# first event that is not the import of such a name.
import io
import json
import pickle
import sys

ALLOWED = {"pickle.find_class"}
active = False


def forbid(event, args):
    if active and event not in ALLOWED:
        print(f"the oracle was about to do {event} {args}", file=sys.stderr, flush=True)
        raise SystemExit(3)


# Codecs that the unpickler asks for are loaded before the watch begins.
for codec in ("ascii", "utf-8", "latin-1", "raw-unicode-escape"):
    str(b"a", codec)
sys.addaudithook(forbid)


# CPython has two readers that differ in small things: C, and Python.
class Log(pickle.Unpickler if sys.argv[1] == "c" else pickle._Unpickler):
    def find_class(self, module, name):
        self.seen.append(["import", module, name])
        seen = self.seen

        class Stand:
            def __new__(cls, *args, **kwargs):
                if cls is Stand:
                    seen.append(["call", module, name])
                return object.__new__(cls)

            def __init__(self, *args, **kwargs):
                pass

            def __setstate__(self, state):
                pass

            def append(self, item):
                pass

            def extend(self, items):
                pass

            def add(self, item):
                pass

            def __setitem__(self, key, value):
                pass

        return Stand

    def persistent_load(self, pid):
        return object()


for line in sys.stdin:
    data = bytes.fromhex(line.strip())
    log = Log(io.BytesIO(data))
    log.seen = []
    ended = "stop"
    active = True
    try:
        log.load()
    except Exception:
        ended = "fault"
    active = False
    print(json.dumps({"seen": log.seen, "ended": ended}), flush=False)
