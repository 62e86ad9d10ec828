"""Writes cases to disk and keeps the manifest: which file, which family, which answer is right.

A case is one file, or a folder that stands for a model repository. Everything in it is inert: a payload only ever says
`id`, `true` or `echo`, and nothing in this folder loads what it writes.
"""

import json
import shutil
from pathlib import Path


class Symlink(str):
    """Content that is a symbolic link to this target."""


class Corpus:
    def __init__(self, out):
        self.out = Path(out)
        self.entries = []
        self.skipped = []
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)

    def attack(self, family, name, files, *, expected="fail", twin=None, about=""):
        """`files` is {relative name: content}: one name is scanned as a file, several as a folder. A twin is the same for
        a clean file of the same making. `expected` is "fail", or "not-pass" where "inconclusive" is right as well."""
        assert expected in ("fail", "not-pass"), expected
        entry = {"path": self._put("attacks", family, name, files), "family": family, "case": name, "expected": expected}
        if about:
            entry["about"] = about
        if twin is not None:
            entry["twin"] = self._put("twins", family, name, twin)
        self.entries.append(entry)

    def benign(self, kind, name, files, *, source=""):
        entry = {"path": self._put("benign", kind, name, files), "kind": kind, "case": name}
        if source:
            entry["source"] = source
        self.entries.append(entry)

    def skip(self, what, why):
        self.skipped.append({"what": what, "why": str(why).splitlines()[0][:200] if str(why) else repr(why)})

    def run(self, makers):
        """Calls each maker; one whose library is missing is skipped and named, the others go on."""
        for maker in makers:
            try:
                maker(self)
            except ImportError as missing:
                self.skip(f"{maker.__module__}.{maker.__name__}", missing)

    def _put(self, tree, group, name, files):
        folder = self.out / tree / group / name
        for relative, content in files.items():
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Symlink):
                path.symlink_to(content)
                continue
            if isinstance(content, str):
                content = content.encode()
            if isinstance(content, Path):
                shutil.copyfile(content, path)
            else:
                path.write_bytes(content)
        path = folder / next(iter(files)) if len(files) == 1 else folder
        return str(path.relative_to(self.out))

    def finish(self):
        manifest = {"cases": self.entries, "skipped": self.skipped}
        (self.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
        for entry in self.skipped:
            print(f"skipped {entry['what']}: {entry['why']}")
        print(f"{len(self.entries)} cases in {self.out}")
