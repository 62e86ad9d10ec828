// What the reader of Python source says: names through every way of reaching them, when code runs, and what it cannot read.
import { describe, expect, it } from 'vitest';
import type { PythonReport, When } from './read-python.js';
import { PYTHON_LIMITS, readPython } from './read-python.js';

const implicit = (name: string, method: boolean): boolean => /^__\w+__$/.test(name) || (method && name === 'forward');
const read = (source: string | Uint8Array): PythonReport => readPython(Buffer.from(source), implicit);

/** `path("first text argument")` of every call of a name that ends so. */
function calls(source: string, name = 'os.system'): readonly string[] {
  return read(source)
    .calls.filter(({ path }) => path === name)
    .map(({ arguments: [first] }) => (first?.kind === 'text' ? first.text : '?'));
}

describe('names', () => {
  it.each([
    ['as it is', 'import os\nos.system("x")'],
    ['as another', 'import os as o\no.system("x")'],
    ['from a module', 'from os import system as s\ns("x")'],
    ['with a star', 'from os import *\nsystem("x")'],
    ['assigned', 'import os\nf = g = os.system\ng("x")'],
    ['unpacked', 'import os\na, b = os.path, os.system\nb("x")'],
    ['by getattr', 'import os\ngetattr(os, "sys" + "tem")("x")'],
    ['by getattr with a name from bytes', 'import os\ngetattr(os, bytes.fromhex("73797374656d").decode())("x")'],
    ['by __import__', '__import__("o" + "s").system("x")'],
    ['by importlib', 'from importlib import import_module as i\ni("os").system("x")'],
    ['by sys.modules', 'import sys\nsys.modules["os"].system("x")'],
    ['by sys.modules.get', 'import sys\nsys.modules.get("os").system("x")'],
    ['by globals', 'import os\nglobals()["os"].system("x")'],
    ['by vars', 'import os\nvars(os)["system"]("x")'],
    ['by __dict__', 'import os\nos.__dict__["sys%s" % "tem"]("x")'],
    ['by __getattribute__', 'import os\nos.__getattribute__("system")("x")'],
    ['by builtins', '__builtins__.__import__("os").system("x")'],
    ['by builtins as a dictionary', '__builtins__["__import__"]("os").system("x")'],
    ['by __self__', 'print.__self__.__import__("os").system("x")'],
    ['by __globals__', '[].__class__.__base__.__subclasses__()[9].__init__.__globals__["os"].system("x")'],
    ['by a list', 'import os\n[os.system][0]("x")'],
    ['by a dictionary', 'import os\n{"a": os.system}["a"]("x")'],
    ['by a dictionary and an unknown key', 'import os\n{"a": os.system, "b": 1}[k]("x")'],
    ['by a loop', 'import os\nfor f in [os.system]: f("x")'],
    ['by a comprehension', 'import os\n[f("x") for f in (os.system,)]'],
    ['by a lambda', 'import os\n(lambda f: f("x"))(os.system)'],
    ['by a default', 'import os\ndef g(f=os.system): f("x")\ng()'],
    ['by a function that returns it', 'import os\ndef g(): return os.system\ng()("x")'],
    [
      'by an attribute of self',
      'import os\nclass A:\n  def __init__(self): self.f = os.system\n  def go(self): self.f("x")\nA().go()',
    ],
    ['by an attribute of a class', 'import os\nclass A: f = os.system\nA.f("x")'],
    ['by map', 'import os\nlist(map(os.system, ["x"]))'],
    ['by reduce', 'import os\nfrom functools import reduce\nreduce(getattr, ["system"], os)("x")'],
    ['by partial', 'import os, functools\nfunctools.partial(os.system)("x")'],
    ['by attrgetter', 'import os, operator\noperator.attrgetter("system")(os)("x")'],
    ['by methodcaller', 'import os, operator\noperator.methodcaller("system", "x")(os)'],
    ['by resolve_name', 'import pkgutil\npkgutil.resolve_name("os:system")("x")'],
    ['by walrus', 'import os\n(f := os.system)("x")'],
    ['by match', 'import os\nmatch os.system:\n  case f: f("x")'],
    ['by either', 'import os\nf = os.system if a else print\nf("x")'],
    ['in code in a string', 'exec("import os\\nos.system(\'x\')")'],
    ['in base64', 'import base64\nexec(base64.b64decode("aW1wb3J0IG9zOyBvcy5zeXN0ZW0oJ3gnKQ=="))'],
    ['in chr', `exec("".join(chr(c) for c in [${[...Buffer.from('import os;os.system("x")')].join()}]))`],
    ['in reversed text', 'exec(")\'x\'(metsys.so;so tropmi"[::-1])'],
    ['in one of two texts', 'exec("pass" if a else "import os;os.system(\'x\')")'],
    ['in rot13', 'import codecs\nexec(codecs.decode("vzcbeg bf;bf.flfgrz(\'k\')", "rot13"))'],
    ['in hex', 'eval(bytes.fromhex("5f5f696d706f72745f5f28276f7327292e73797374656d2827782729"))'],
    [
      'in bytes that are turned',
      `exec(bytes(b ^ 1 for b in [${[...Buffer.from('import os;os.system("x")')].map((b) => b ^ 1).join()}]))`,
    ],
    ['in an f-string', 'import os\nf"{os.system("x")}"'],
    ['in a format specification', 'import os\nf"{1:{os.system("x")}}"'],
    ['in an annotation', 'import os\ny: os.system("x") = 1'],
    ['in a decorator', 'import os\n@os.system("x")\ndef f(): pass'],
    ['in a base class', 'import os\nclass A(os.system("x")): pass'],
    ['in letters that only look plain', 'import os\n𝓸𝓼.𝓼𝔂𝓼𝓽𝓮𝓶("x")'],
    ['across lines', 'import os\nos. \\\n  system(\n  # comment\n  "x")'],
    ['after a semicolon', 'import os; os.system("x")'],
    ['of Python 2', 'import os\nexec "os.system(\'x\')"'],
  ])('%s', (_name, source) => {
    expect(calls(source)).toContain('x');
  });

  it('are not found where they only stand', () => {
    const source =
      '"""import os; os.system("x")"""\n# os.system("x")\ntext = "os.system(\'x\')"\nimport os\nos.path.join("x")\n';
    expect(calls(source)).toEqual([]);
  });

  it('of the file itself hide those of Python', () => {
    expect(calls('def eval(x): return x\neval("x")', 'builtins.eval')).toEqual([]);
    expect(calls('model.eval()', 'builtins.eval')).toEqual([]);
  });
});

describe('constants', () => {
  it.each([
    ['os.system("a" "b" + "c")', 'abc'],
    ['os.system("%s-%d" % ("a", 3))', 'a-3'],
    ['os.system("{}{}".format("a", "b"))', 'ab'],
    ['os.system(f"a{1}b")', 'a1b'],
    ['os.system(f"a{x}b")', 'a\uFFFCb'],
    ['os.system(" ".join(["a", "b"]))', 'a b'],
    ['os.system("a" * 3)', 'aaa'],
    ['os.system("abc"[::-1])', 'cba'],
    ['os.system("ABC".lower().replace("b", "x"))', 'axc'],
    [String.raw`os.system("\x61\142\u0063\N{DIGIT ONE}")`, 'abc\uFFFD'],
    [String.raw`os.system(r"\x61")`, String.raw`\x61`],
    ['c = ["a"]\nc.append("b")\nos.system("".join(c))', 'ab'],
    ['def f(x): os.system(x)\nf("a")', 'a'],
    ['os.system((25699).to_bytes(2, "big").decode())', 'dc'],
    ['os.system(os.path.join("a", "b"))', 'a/b'],
    ['import zlib, base64\nos.system(zlib.decompress(base64.b64decode("eJxLBAAAYgBi")).decode())', 'a'],
  ])('%s', (source, expected) => {
    expect(calls(`import os\n${source}`)).toContain(expected);
  });

  it('remember what they were made from', () => {
    const [call] = read('import requests\nexec(requests.get("u").text + x)').calls.filter(
      ({ path }) => path === 'builtins.exec',
    );
    expect([...(call?.arguments[0]?.from ?? [])]).toContain('requests.get().text');
  });
});

describe('when', () => {
  it.each<[When, string]>([
    ['import', 'os.system("x")'],
    ['import', 'class A:\n  os.system("x")'],
    ['import', 'if True:\n  os.system("x")'],
    ['import', 'try:\n  import a\nexcept ImportError:\n  os.system("x")'],
    ['import', 'def f(): os.system("x")\nf()'],
    ['import', 'def f(): os.system("x")\ndef g(): f()\ng()'],
    ['import', 'def f(a=os.system("x")): pass'],
    ['import', 'class M(type):\n  def __new__(*a): os.system("x")\nclass B(metaclass=M): pass'],
    ['import', 'class A:\n  def __init_subclass__(cls): os.system("x")\nclass B(A): pass'],
    ['import', 'class A:\n  def __init__(self): os.system("x")\na = A()'],
    ['import', 'def d(f):\n  os.system("x")\n@d\ndef g(): pass'],
    ['import', 'import threading\nthreading.Thread(target=lambda: os.system("x")).start()'],
    ['import', 'import atexit\n@atexit.register\ndef f(): os.system("x")'],
    ['import', 'if __name__ != "__main__":\n  os.system("x")'],
    ['import', 'if __name__ == "__main__" or True:\n  os.system("x")'],
    ['import', '__name__ = "__main__"\nif __name__ == "__main__":\n  os.system("x")'],
    ['implicit', 'class A:\n  def __reduce__(self): return os.system("x")'],
    ['implicit', 'class A:\n  def forward(self): return self.help()\n  def help(self): os.system("x")'],
    ['implicit', 'def __getattr__(name): os.system("x")'],
    ['function', 'def f(): os.system("x")'],
    ['function', 'def forward(): os.system("x")'],
    ['function', 'f = lambda: os.system("x")'],
    ['main', 'if __name__ == "__main__":\n  os.system("x")'],
    ['main', 'if "__main__" == __name__:\n  os.system("x")'],
  ])('%s: %s', (when, source) => {
    const found = read(`import os\n${source}\n`).calls.filter(({ path }) => path === 'os.system');
    expect(found.map((call) => call.when)).toEqual([when]);
  });
});

describe('what Python would not read', () => {
  it.each(['def f(:\n  pass', 'x = (1', '"open', 'if x:\npass', 'a b', 'x = $1', '"""', `${'('.repeat(500)}`, 'f(**)'])(
    'is a fault: %s',
    (source) => {
      expect(read(`${source}\n`).faults.length).toBeGreaterThan(0);
    },
  );

  it('does not hide what stands around it', () => {
    expect(calls('import os\nos.system("a")\nx = = 1\nos.system("b")\n')).toEqual(['a', 'b']);
  });

  it.each([
    'print "x", y\nprint >>f, "x"\nexec "x" in {}\nraise E, "m"\n',
    'try:\n  pass\nexcept A, e:\n  pass\n',
    'x = 0777 + 10L; y = `x` <> ur"z"\ndef f(a, (b, c)): pass\n',
    'async def f():\n  async with a as b, c: await d\n  return [x async for x in y if await z]\n',
    'def f(a, /, b: int = 1, *, c=2, **d) -> int: ...\nlambda *a, **k: (yield)\n',
    'with (open("a") as b, open("c")): pass\nmatch x:\n  case {"a": [1, *r], **k} | P(y=3) as z if z: pass\n  case _: pass\nmatch = 1\nmatch(x)\n',
    'type X[T] = list[T]\nclass Q[T: int](A, m=B): x: T\ndef f[*A, **B](): pass\n',
    'f"{x!r:>{w}.{p}} {{}} {a["b"]} {x = } {lambda_:=1}"\nrf"\\{{{x}\\}}"\n',
    'if x:\n\ty = 1\n        z = 2\n\fw = 3\n',
    'x = [\n# c\n1,\n\n2]\n',
    '',
    '\ufeffx = 1',
  ])('is not this: %s', (source) => {
    expect(read(source).faults).toEqual([]);
  });
});

describe('encodings', () => {
  const source = 'import os\nos.system("x")\n';
  const utf7 = (text: string): string =>
    `+${Buffer.from(text, 'utf16le').swap16().toString('base64').replace(/=+$/, '')}-`;

  it.each([
    ['utf-7', `# coding: utf-7\n${utf7(source)}\n`],
    ['unicode-escape', `# coding: unicode_escape\n#\\u000a${source.replaceAll('\n', '\\n')}`],
    [
      'rot13',
      `# coding: rot13\n${source.replace(/[a-z]/g, (c) => 'nopqrstuvwxyzabcdefghijklm'[c.charCodeAt(0) - 97] ?? c)}`,
    ],
  ])('%s is read and named', (name, text) => {
    const report = read(text);
    expect(report.oddEncoding).toBe(name);
    expect(calls(text)).toEqual(['x']);
  });

  it('that are common are read without a word', () => {
    const report = read(Buffer.from('# -*- coding: latin-1 -*-\nx = "\xe9"\n', 'latin1'));
    expect([report.oddEncoding, report.faults, report.encoding]).toEqual([undefined, [], 'latin-1']);
    expect(read('#!/usr/bin/python\n# vim: set fileencoding=utf-8 :\nx = 1\n').oddEncoding).toBeUndefined();
  });

  it('that do not fit are a fault', () => {
    expect(read(Uint8Array.of(0x78, 0x3d, 0x22, 0xe9, 0x22)).faults).toHaveLength(1);
  });
});

describe('what a reader does not see', () => {
  it.each([
    ['bidi', 'x = 1 # \u202e } \u2066 if admin\n'],
    ['invisible', `x = "${'\ufe0f'.repeat(20)}"\n`],
    ['far-right', `x = 1;${' '.repeat(200)}import os\n`],
    ['escaped-letters', `x = "${[...'import os'].map((c) => `\\x${c.charCodeAt(0).toString(16)}`).join('')}"\n`],
    ['normalised-name', 'ｅval("1")\n'],
    ['mixed-script', 'pаssword = 1\n'],
    ['long-literal', `x = "${'QUJD'.repeat(600)}"\n`],
  ])('%s', (code, source) => {
    expect(read(source).oddities.map((oddity) => oddity.code)).toContain(code);
    expect(read('x = "ünïcödé"  # naïve\nσ = 1\nimport os' + ' '.repeat(90) + '# far comment\n').oddities).toEqual([]);
  });
});

describe('limits', () => {
  it('are told', () => {
    const limited = (limits: Partial<typeof PYTHON_LIMITS>, source: string): number =>
      readPython(Buffer.from(source), implicit, { ...PYTHON_LIMITS, ...limits }).faults.length;
    expect(limited({ maxBytes: 3 }, 'x = 1')).toBe(1);
    expect(limited({ maxTokens: 3 }, 'x = 1\ny = 2\nz = 3')).toBe(1);
    expect(limited({ maxSteps: 3 }, 'f(g(h(i(j(k(1))))))')).toBe(1);
  });

  it.each([
    ['chains', `x${'.a()'.repeat(20_000)}`],
    ['sums', `x = ${'1 + '.repeat(50_000)}1`],
    ['brackets', '['.repeat(5000)],
    ['blocks', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}if x:`).join('\n')],
    ['not', `x = ${'not '.repeat(20_000)}1`],
    ['lambdas', 'lambda: '.repeat(5000)],
    ['powers', `2${' ** 2'.repeat(5000)}`],
    ['f-strings', `${'f"{'.repeat(300)}`],
    ['texts that double', `x = "a"\n${'x = x + x\n'.repeat(200)}`],
    ['lists that hold themselves', 'x = []\nx.append(x)\ny = [x, x]\nfor _ in y: y = [y, y, x]\nf(y)\n'.repeat(50)],
    [
      'classes that inherit in circles',
      Array.from({ length: 40 }, (_, n) => `class A${n % 7}(A${(n + 1) % 7}, A${(n + 2) % 7}): pass`).join('\n') +
        '\nA0().x()\n',
    ],
    ['code in code', `exec('${'x'.repeat(10)}')\n`.repeat(2000)],
    ['numbers', `x = ${'9'.repeat(3000)} ** ${'9'.repeat(3000)}\ny = 1 << 99999999999\n"a" * 99999999999`],
  ])('hold for %s', (_name, source) => {
    const start = performance.now();
    read(source);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
