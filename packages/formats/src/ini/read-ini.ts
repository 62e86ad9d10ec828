// Reads INI-like texts into sections and keys: git config, setup.cfg, pip.conf, .desktop, autorun.inf, .npmrc, tox.ini. Their
// readers differ (continued lines, `:` or `=`, `#` or `;`), so this one takes what any of them would. Bounded in entries.

export interface IniEntry {
  readonly line: number;
  /** Lower case, quotes as they stand: `filter "lfs"`. */
  readonly section: string;
  /** Lower case. */
  readonly key: string;
  readonly value: string;
}

const MAX_ENTRIES = 50_000;

export function readIni(text: string): readonly IniEntry[] {
  const entries: { line: number; section: string; key: string; value: string }[] = [];
  let section = '';
  let held: (typeof entries)[number] | undefined;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    if (entries.length >= MAX_ENTRIES) break;
    const joined = held !== undefined && held.value.endsWith('\\');
    const header = joined ? null : /^\s*\[\s*((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]\s*(.*)$/.exec(raw);
    if (header !== null) {
      section = (header[1] ?? '').trim().toLowerCase();
      held = undefined;
      if ((header[2] ?? '').trim() === '') continue;
    }
    const line = header === null ? raw : (header[2] ?? '');
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    if (held !== undefined && (joined || (/^\s/.test(line) && !/^\s*[\w.:"@/-]+\s*=/.test(line)))) {
      held.value = `${joined ? held.value.slice(0, -1) : `${held.value}\n`}${line.trim()}`.slice(0, 20_000);
      continue;
    }
    const match = /^\s*([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? /^\s*(\S+)\s*$/.exec(line);
    // Addresses hold a colon: `//registry.example/:_authToken=...`
    const whole = /^\s*(\/\/\S+?|[^=\s]+?)\s*=\s*(.*)$/.exec(line);
    const [, key = '', value = ''] = whole ?? match ?? [];
    if (key === '') continue;
    held = { line: index + 1, section, key: key.trim().toLowerCase(), value: value.trim() };
    entries.push(held);
  }
  return entries;
}
