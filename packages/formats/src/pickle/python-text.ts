// Recognises Python source by how it reads, without parsing it: a text in a pickle may be documentation that mentions code,
// so `acts` asks for calls that do something, and `reads` for no more than statements.

const STATEMENT =
  /(?:^|[\n;])[ \t]*(?:import[ \t]+[A-Za-z_][\w.]*|from[ \t]+[\w.]+[ \t]+import\b|(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[ \t]*[(:]|exec[ \t]*\(|eval[ \t]*\(|__import__[ \t]*\(|getattr[ \t]*\(|lambda\b)/;
const ACTING =
  /\b(?:os[ \t]*\.[ \t]*(?:system|popen|exec\w*|spawn\w*|remove|unlink)|subprocess[ \t]*\.[ \t]*\w+|pty[ \t]*\.[ \t]*spawn|shutil[ \t]*\.[ \t]*rmtree|importlib[ \t]*\.[ \t]*import_module|socket[ \t]*\.[ \t]*(?:socket|create_connection)|urlopen|urlretrieve|requests[ \t]*\.[ \t]*(?:get|post)|ctypes[ \t]*\.[ \t]*\w+|(?:marshal|pickle|dill|cloudpickle)[ \t]*\.[ \t]*loads?|__import__|exec|eval)[ \t]*\(/;

/** It has the form of statements or of calls that run code. */
export function readsAsPython(text: string): boolean {
  return STATEMENT.test(text) || ACTING.test(text);
}

/** It has the form of a program that runs something else: statements, and calls that reach out. */
export function actsAsPython(text: string): boolean {
  return text.includes('(') && ACTING.test(text) && STATEMENT.test(text);
}
