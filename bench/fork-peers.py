"""Runs a Python command many times without paying for its imports each time: `python fork-peers.py SCRIPT [MODULE...]`
(modules to import beforehand; one that is not installed is left out).

Reads one JSON object a line, {"args": [...], "seconds": n, "warm": bool}; forks; in the child runs the console script SCRIPT
with these arguments, as its users do; answers {"code": n or null when time ran out, "tail": end of its output}. A request
that is "warm" runs in this process instead, so that what the command imports late is there for the children.
Each case still has a process of its own, and the command's own exit code counts.
"""

import contextlib
import importlib
import json
import os
import resource
import runpy
import signal
import sys
import tempfile
import time

TAIL = 1500
POLL_SECONDS = 0.005
MEMORY_BYTES = 6 << 30  # as other programs need some too: beyond it a case ends in MemoryError, an error of the tool


def run(script, args):
    sys.argv = [script, *args]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else (0 if end.code is None else 1)
    return 0


def child(script, args, out):
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.dup2(out, 1)
    os.dup2(out, 2)
    try:
        code = run(script, args)
    except BaseException:  # noqa: BLE001 - what Python itself does with it: a traceback and exit code 1
        import traceback

        traceback.print_exc()
        code = 1
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code & 255)


def answer(script, request):
    with tempfile.TemporaryFile() as out:
        pid = os.fork()
        if pid == 0:
            child(script, request["args"], out.fileno())
        end = time.monotonic() + request["seconds"]
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                break
            if time.monotonic() > end:
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                code = None
                break
            time.sleep(POLL_SECONDS)
        size = out.seek(0, os.SEEK_END)
        out.seek(max(0, size - TAIL))
        return {"code": code, "tail": out.read().decode("utf8", "replace")}


def main():
    script, *modules = sys.argv[1:]
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("warm"):
            with contextlib.suppress(BaseException):
                run(script, request["args"])
            answers.write("{}\n")
        else:
            answers.write(json.dumps(answer(script, request)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
