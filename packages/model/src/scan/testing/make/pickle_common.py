# Shared by the generators of real pickles: writes each object by pickle, joblib or the library's own saving function into
# OUT/seen or OUT/unseen. The half that a case falls into depends on its name alone, so that rules are tuned on one half and
# measured on the other.
import hashlib
import pathlib
import pickle
import sys
import warnings

warnings.filterwarnings("ignore")
OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/real/pickle")
PROTOCOLS = (4, 2, 5, 0, 3, 1)
made = 0


def half(case):
    return "seen" if hashlib.sha256(case.encode()).digest()[0] % 2 == 0 else "unseen"


def path(case, name):
    folder = OUT / half(case)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def protocol(case):
    return PROTOCOLS[hashlib.sha256(case.encode()).digest()[1] % len(PROTOCOLS)]


def save(family, case, value, protocols=None):
    """One file for each protocol; `case` decides the half, `family` only names the file."""
    global made
    for number in protocols or (protocol(case),):
        try:
            data = pickle.dumps(value() if callable(value) and getattr(value, "__name__", "") == "<lambda>" else value, number)
        except Exception as error:
            print("left out", family, case, number, type(error).__name__, str(error)[:80], file=sys.stderr)
            continue
        path(case, f"{family}-{case}.p{number}.pkl").write_bytes(data)
        made += 1


def written(family, case, suffix, write):
    """A file that the library writes itself: `write(path)`."""
    global made
    try:
        write(str(path(case, f"{family}-{case}{suffix}")))
        made += 1
    except Exception as error:
        print("left out", family, case, type(error).__name__, str(error)[:80], file=sys.stderr)


def done():
    print(made, "files in", OUT)
