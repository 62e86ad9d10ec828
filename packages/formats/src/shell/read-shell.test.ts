// Shell scripts as a shell reads them, and hostile text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantOutput } from './constants.js';
import { readShell } from './read-shell.js';
import type { ShellCommand, ShellScript } from './script.js';

/** Words of every command in order, groups and substitutions too; pipes as `|`. */
function lines(script: ShellScript): string[] {
  const inside = ({ words, assignments, redirects, body }: ShellCommand): string[] => [
    ...[...assignments.map(({ value }) => value), ...words, ...redirects.map(({ target }) => target)].flatMap((word) =>
      word.runs.flatMap(lines),
    ),
    ...(body === undefined ? [] : lines(body)),
  ];
  return script.pipelines.flatMap(({ commands }) => [
    commands.map(({ words }) => words.map((word) => word.text).join(' ')).join(' | '),
    ...commands.flatMap(inside),
  ]);
}
const read = (text: string): string[] => lines(readShell(text).script).filter((line) => line !== '');

describe('readShell', () => {
  it.each([
    ['a b | c && d || e; f & g', ['a b | c', 'd', 'e', 'f', 'g']],
    ['a \\\n  b # c\nd', ['a b', 'd']],
    [`c""u'r'l "x y" $'\\x41\\n'`, ['curl x y A\n']],
    ['a=cu; b=rl; $a$b -s', ['curl -s']],
    ['x="curl -s u"; $x | sh', ['curl -s u | sh']],
    ['x=xcurlx; ${x:1:4} ${y:-d} ${x#x} ${x%x} ${x/x/z}', ['curl d curlx xcurl zcurlx']],
    ['p=(w g); ${p[0]}${p[1]} ${p[@]}', ['wg w g']],
    ['curl$IFS-s${IFS}u', ['curl -s u']],
    ['{curl,-s,u} a{b,c}', ['curl -s u ab ac']],
    ['$(echo Y3VybA== | base64 -d) u', ['curl u', 'echo Y3VybA== | base64 -d']],
    ['`printf c`at $(rev <<< fe)', ['cat ef', 'printf c', 'rev']],
    ['if a; then b | c; elif d; then e; else f; fi | g', [' | g', 'a', 'b | c', 'd', 'e', 'f']],
    ['for i in $(a); do b $i; done; while c; do d; done', ['a', 'b $(...)', 'a', 'c', 'd']],
    ['case $x in a|b) c;; (done) d;; *.sh) e | sh;; esac', ['c', 'd', 'e | sh']],
    ['f() { a; }; function g { b; }', ['a', 'b']],
    [
      '(a; b) | { c; } ; ((d) ; e) ; (( x = 1 )) ; [[ -n $x && y < z ]] && f',
      [' | ', 'a', 'b', 'c', 'd', 'e', '[[ -n $x y z ]]', 'f'],
    ],
    ['a <(b) >(c) > d 2>&1 <<< "$(e)"', ['a <(...) >(...)', 'b', 'c', 'e']],
    ['cat <<E | sh\nx $y\nE\na', ['cat | sh', 'a']],
    ['x=$(a); b "$x"', ['a', 'b $(...)', 'a']],
    ['$(a "$(b `c`)")', ['$(...)', 'a $(...)', 'b $(...)', 'c']],
    ['a "b', ['a b']],
    ['a; fi; ) b', ['a', 'b']],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('keeps here-documents, lines and functions', () => {
    const report = readShell("f() { :; }\ncat <<-'E' > x\n\tone $y\n\tE\nb\n");
    expect(report.functions).toEqual(['f']);
    const [, second, third] = report.script.pipelines;
    expect(second?.commands[0]?.redirects[0]).toMatchObject({ op: '<<', body: 'one $y\n' });
    expect([second?.line, third?.line]).toEqual([2, 5]);
  });

  it('says what it could not read, and reads on', () => {
    expect(readShell('a "b\nc | d').fault).toMatchObject({ kind: 'syntax', line: 1 });
    expect(read("a 'b\nc | d")).toContain('c | d');
    expect(readShell('('.repeat(100)).fault?.kind).toBe('budget');
    expect(readShell('a;'.repeat(50), { maxCommands: 10 }).fault?.kind).toBe('budget');
    expect(readShell(`a=xxxxxxxx;${'a=$a$a;'.repeat(40)}`).fault?.kind).toBe('budget');
    expect(readShell('a'.repeat(50), { maxText: 10 }).fault?.kind).toBe('budget');
  });

  it.each([
    '"',
    '$(',
    '`',
    '${',
    '<(',
    '<<E\n',
    '{ ',
    'if ',
    'case x in ',
    '"$(',
    '${x:-$(',
    '[[ ',
    'f() ',
    'a | ',
    '{a,b}',
    'a=$a$a;',
  ])('ends on a long run of %j', { timeout: 10_000 }, (piece) => {
    expect(readShell(piece.repeat(60_000 / piece.length)).script.pipelines).toBeInstanceOf(Array);
  });

  it('answers for any text', () => {
    const piece = fc.constantFrom(
      ...' \n;&|()<>{}[]$\'"`\\#=*?!~-'.split(''),
      'a',
      'if',
      'then',
      'fi',
      'case',
      'in',
      'esac',
      'do',
      'done',
      '<<E',
      '$(',
      '${x',
      'x=',
      '$x',
      '((',
      '[[',
      'f()',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        for (const { line } of readShell(text).script.pipelines) expect(line).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('constantOutput', () => {
  const output = (text: string): string | undefined => constantOutput(readShell(text).script);
  it.each([
    ['echo a b', 'a b\n'],
    ["printf '%s-%d' a 7", 'a-7'],
    ["printf '\\x63\\165'", 'cu'],
    ['echo aWQK | base64 -d', 'id\n'],
    ['echo 6964 | xxd -r -p', 'id'],
    ['echo di | rev', 'id\n'],
    ['echo vq | tr a-z n-za-m', 'id\n'],
    ['base32 -d <<< NFSA====', 'id'],
    ['cat <<E | base64 -d\naWQ=\nE', 'id'],
  ])('%s', (text, expected) => {
    expect(output(text)).toBe(expected);
  });

  it.each(['echo $x', 'date', 'curl x', 'echo a > f', 'cat f', 'echo a; echo b'])('leaves open %s', (text) => {
    expect(output(text)).toBeUndefined();
  });
});
