// Texts that tools act on: git configuration and hooks, submodules, direnv, npm, pip and conda settings, pyproject.toml and its
// kin, desktop files, start-up files of interpreters. An attacker who ships a folder chooses them all; git alone has a dozen keys
// that run a program (CVE-2022-24765 was about whose configuration git believes).
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { IniEntry } from '@vallum/formats';
import { readIni, readToml } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import { judgeDependency, judgeName, tellOption } from '../document/examine-requirements.js';
import { applyKeys } from '../document/json-keys.js';
import { count, noteCommands, rulesOf } from '../shell/note-commands.js';
import { isKnownIndex, originOf } from '../shell/origins.js';
import { judgeProgram } from '../shell/programs.js';
import { noteInvisible } from '../readme/invisible.js';

const objectOf = (value: JsonValue | undefined): JsonObject | undefined =>
  value !== undefined && isJsonObject(value) ? value : undefined;
const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

export async function examineConfig(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a configuration of tools');
  if (text === undefined) return;
  noteInvisible(context, item, text);
  const path = item.name.replaceAll('\\', '/').toLowerCase();
  const base = path.split('/').at(-1) ?? '';
  if (/\.toml$/.test(base) || /^(?:pipfile|poetry\.lock|uv\.lock)$/.test(base)) return toml(context, item, text);
  if (/(?:^|\/)(?:\.git|modules\/[^/]+)\/hooks\/|(?:^|\/)\.husky\/[^_/][^/]*$|(?:^|\/)\.githooks\//.test(path))
    return gitHook(context, item, text, path);
  if (base === '.envrc') return direnv(context, item, text);
  if (base === 'procfile') return procfile(context, item, text);
  if (
    /^\.(?:exrc|vimrc|nvimrc|gvimrc|nvim\.lua|vim\.lua)$|^\.dir-locals(?:-2)?\.el$|^\.(?:gdbinit|lldbinit|pdbrc|irbrc|pryrc|rprofile)$/.test(
      base,
    )
  )
    return startUp(context, item, text, base);
  if (/\.xml$|\.iml$/.test(base)) return idea(context, item, text);
  if (base === '.gitattributes') return attributes(context, item, text);
  ini(context, item, readIni(text), path, base);
}

function tellAt(
  context: Context,
  item: Item,
  rule: string,
  detail: string,
  line: number,
  severity?: 'high' | 'medium',
): void {
  find(context, item, {
    rule,
    detail: `${detail.slice(0, 200)}, line ${line}`,
    location: { line },
    ...(severity === undefined ? {} : { severity }),
  });
}

function ini(context: Context, item: Item, entries: readonly IniEntry[], path: string, base: string): void {
  const known = (url: string): boolean => isKnownIndex(url, rulesOf(context).data);
  const git =
    /(?:^|\/)\.gitconfig$|(?:^|\/)\.git\/(?:.*\/)?config(?:\.worktree)?$|^\.?gitconfig$/.test(path) ||
    entries.some(({ section, key }) => section === 'core' && key === 'repositoryformatversion');
  const modules = base === '.gitmodules';
  for (const entry of entries) {
    const { section, key, value, line } = entry;
    const tell = (rule: string, detail: string, severity?: 'high' | 'medium'): void =>
      tellAt(context, item, rule, detail, line, severity);
    if (git || modules) gitKey(context, item, entry);
    if (modules) submodule(tell, entry);
    if (
      /^(?:pip\.(?:conf|ini)|\.pip\.conf|setup\.cfg|tox\.ini)$/.test(base) ||
      section === 'global' ||
      section === 'install'
    ) {
      const option = `--${key.replaceAll('_', '-')}`;
      if (/^--(?:index-url|extra-index-url|find-links|trusted-host)$/.test(option))
        for (const one of value.split(/\s+/).filter((part) => part !== ''))
          tellOption((rule, detail, severity) => tell(rule, detail, severity), option, one, known);
    }
    if (base === '.npmrc' || base === '.yarnrc') npm(context, tell, entry);
    if (
      base === '.pypirc' &&
      key === 'repository' &&
      !/^https:\/\/(?:upload|test)\.pypi\.org|^https:\/\/pypi\.org/.test(value)
    )
      tell('VLM-WSP-012', `repository ${value}`);
    if (section === 'autorun' && /^(?:open|shellexecute|shell\\.*\\command|action)$/.test(key) && key !== 'action')
      tell('VLM-WSP-013', `${key}=${value}`, 'high');
    if (/^desktop (?:entry|action)/.test(section) && /^(?:exec|tryexec)$/.test(key)) {
      // A program that is installed is ordinary; a shell, a script or a path is not.
      const odd =
        /\b(?:sh|bash|zsh|python[\d.]*|perl|ruby|node|env|xterm|konsole|gnome-terminal)\s+\S|\b(?:curl|wget|powershell|nohup)\b|\.\/|\/tmp\/|\/home\/|~|\$|%k/.test(
          value,
        );
      tell('VLM-WSP-013', `Exec=${value}`, odd ? 'high' : undefined);
      noteCommands(context, item, value, { line });
    }
    if (
      section === 'internetshortcut' &&
      ((key === 'url' && /^(?!https?:\/\/)/i.test(value)) ||
        (/^(?:iconfile|workingdirectory)$/.test(key) && /^\\\\|^file:/i.test(value)))
    )
      tell('VLM-WSP-013', `${key}=${value}`, 'high');
    setupEntry(context, item, entry);
  }
}

function gitKey(context: Context, item: Item, { section, key, value, line }: IniEntry): void {
  const [, name = section, sub] = /^([^\s"]+)\s+"((?:[^"\\]|\\.)*)"$/.exec(section) ?? [];
  const full = [name, ...(sub === undefined ? [] : [sub]), key].join('.');
  const bare = value.replace(/^"(.*)"$/, '$1');
  for (const row of context.rules.files.workspace.gitKeys)
    if (new RegExp(row.key).test(full) && !(row.except !== undefined && new RegExp(row.except).test(bare)))
      tellAt(context, item, row.rule, `${full} = ${bare}`, line);
}

function submodule(tell: (rule: string, detail: string) => void, { section, key, value }: IniEntry): void {
  const name = /"((?:[^"\\]|\\.)*)"/.exec(section)?.[1] ?? '';
  if (/(?:^|\/)\.\.(?:\/|$)|^-/.test(name)) tell('VLM-WSP-010', `submodule ${name}`);
  if (
    key === 'url' &&
    (/^(?:ext|fd)::|^-|^(?:ssh|git\+ssh):\/\/-|--upload-pack|%0[ad]/i.test(value) ||
      (/^http:/.test(value) === false && /[`$;|]/.test(value)))
  )
    tell('VLM-WSP-010', `url = ${value}`);
  if (key === 'path' && (/(?:^|\/)\.\.(?:\/|$)|^[-/]|(?:^|\/)\.git(?:\/|$)/.test(value) || /[\r\u0000]/.test(value)))
    tell('VLM-WSP-010', `path = ${value}`);
}

function npm(
  context: Context,
  tell: (rule: string, detail: string, severity?: 'high' | 'medium') => void,
  { key, value }: IniEntry,
): void {
  if (
    /(?:^|:)registry$/.test(key) &&
    !/^https:\/\/(?:registry\.(?:npmjs\.org|yarnpkg\.com|npmmirror\.com)|npm\.pkg\.github\.com)/.test(value)
  ) {
    const { trust, why } = originOf(value, rulesOf(context).data);
    tell('VLM-WSP-012', `${key}=${value} (${why})`, trust === 'bad' ? 'high' : undefined);
  }
  if (
    /^(?:script-shell|git|node-options|onload-script|init-module|prefix|globalconfig|shell|viewer|editor)$/.test(key) &&
    value !== '' &&
    !/^--max[-_]old[-_]space[-_]size=\d+$/.test(value)
  )
    tell('VLM-WSP-002', `${key}=${value}`);
  if (key === 'strict-ssl' && value === 'false') tell('VLM-WSP-012', 'strict-ssl=false');
}

/** Dependencies and commands in setup.cfg and tox.ini. */
function setupEntry(context: Context, item: Item, { section, key, value, line }: IniEntry): void {
  if (
    (section === 'options' && /^(?:install_requires|setup_requires|tests_require)$/.test(key)) ||
    section === 'options.extras_require' ||
    (/^testenv/.test(section) && key === 'deps')
  )
    for (const one of value.split(/\n|;(?!\s*(?:python|sys|platform|extra|os|implementation))/))
      if (!/^\s*(?:$|[\w-]+:\s|\{)/.test(one)) judgeDependency(context, item, one.trim(), line);
  if (/^testenv/.test(section) && /^commands/.test(key)) noteCommands(context, item, value, { line, from: 'high' });
}

function gitHook(context: Context, item: Item, text: string, path: string): void {
  if (path.endsWith('.sample') || new RegExp(context.rules.files.workspace.lfsHook).test(text.trim())) return;
  noteCommands(context, item, text, { line: 1 });
  const shipped = /(?:^|\/)(?:\.git|modules\/[^/]+)\/hooks\//.test(path);
  if (shipped) find(context, item, { rule: 'VLM-WSP-009', severity: 'high', detail: path.split('/').at(-1) ?? '' });
}

function direnv(context: Context, item: Item, text: string): void {
  noteCommands(context, item, text, { line: 1 });
  const plain = new RegExp(context.rules.files.workspace.envrc);
  const lines = text.split(/\r?\n/);
  const odd = lines.findIndex((line) => !plain.test(line));
  if (odd >= 0) tellAt(context, item, 'VLM-WSP-014', (lines[odd] ?? '').trim(), odd + 1);
}

function procfile(context: Context, item: Item, text: string): void {
  for (const [index, line] of text.split(/\r?\n/).entries())
    noteCommands(context, item, line.replace(/^[\w-]+:\s*/, ''), { line: index + 1, place: 'container' });
}

/** Files that an editor, debugger or interpreter runs when it starts in the folder. */
function startUp(context: Context, item: Item, text: string, base: string): void {
  const runs =
    /(?:^|[\s|(])(?:!|system\s*\(|systemlist\s*\(|jobstart|termopen|os\.execute|io\.popen|vim\.fn\.system|vim\.system|shell\b|shell-command|call-process|start-process|eval\s*\.|\(eval\b|subprocess|import os|url-retrieve|python\b|source\()/m.exec(
      text,
    );
  if (runs !== null)
    tellAt(
      context,
      item,
      'VLM-WSP-002',
      `${base}: ${text.slice(runs.index, runs.index + 100).trim()}`,
      1 + count(text, runs.index),
    );
  else if (text.trim() !== '') find(context, item, { rule: 'VLM-WSP-017', detail: base });
  for (const { rule, what, severity } of judgeProgram(text, rulesOf(context)))
    find(context, item, { rule, detail: what, ...(severity === undefined ? {} : { severity }) });
  for (const [index, line] of text.split('\n').entries())
    if (/curl|wget|\/dev\/tcp|base64/.test(line))
      noteCommands(context, item, line.replace(/^[^"'!]*["'!]/, '').replace(/["')\]]+\s*$/, ''), {
        line: index + 1,
        from: 'high',
      });
}

/** IntelliJ: tasks that run when the project opens. */
function idea(context: Context, item: Item, text: string): void {
  const startup =
    /<component\s+name="(?:ProjectStartupSharedConfiguration|ProjectStartupLocalConfiguration|StartupTasks|ProjectTasksOptions)"[\s\S]{0,4000}?(?:<configuration\b[^>]{0,400}>|<TaskOptions\b[^>]{0,400}isEnabled="true")/.exec(
      text,
    );
  if (startup !== null) tellAt(context, item, 'VLM-WSP-001', startup[0].slice(-120), 1 + count(text, startup.index));
  for (const match of text.matchAll(
    /(?:name="(?:SCRIPT_TEXT|SCRIPT_OPTIONS|COMMAND|program|arguments|COMMAND_LINE)"\s+value|(?:program|arguments))="([^"]{1,2000})"/g,
  )) {
    const command = (match[1] ?? '')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
      .replaceAll('&gt;', '>')
      .replaceAll('&lt;', '<');
    noteCommands(context, item, command, { line: 1 + count(text, match.index), from: 'high' });
  }
}

function attributes(context: Context, item: Item, text: string): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const filter = /\sfilter=([\w.-]+)/.exec(line)?.[1];
    if (filter !== undefined && filter !== 'lfs') tellAt(context, item, 'VLM-WSP-016', `filter=${filter}`, index + 1);
  }
}

const REQUIRES =
  /^(?:build-system\.requires|project\.dependencies|project\.optional-dependencies\.[^.]+|dependency-groups\.[^.]+|tool\.(?:uv|pdm)\.(?:dev-dependencies|constraint-dependencies)(?:\.[^.]+)?|tool\.hatch\.envs\.[^.]+\.(?:extra-)?dependencies|tool\.flit\.metadata\.requires)$/;
const TABLES = /^(?:tool\.poetry\.(?:dev-)?dependencies|tool\.poetry\.group\.[^.]+\.dependencies)$/;
const PIPFILE = /^(?:packages|dev-packages)$/;

function toml(context: Context, item: Item, text: string): void {
  const { value, lines, problem } = readToml(text);
  if (problem !== undefined) skip(context, item, 'as TOML', problem);
  applyKeys(context, item, value);
  const lock = /\.lock$/.test(item.name);
  const queue: { value: JsonValue; path: string }[] = [{ value, path: '' }];
  let steps = 0;
  for (let next = queue.pop(); next !== undefined && steps < 100_000; next = queue.pop()) {
    steps += 1;
    const { value: here, path } = next;
    const line = lines.get(path) ?? 0;
    const object = objectOf(here);
    if (!lock && REQUIRES.test(path)) for (const one of listOf(here)) judgeDependency(context, item, textOf(one), line);
    if (!lock && object !== undefined && (TABLES.test(path) || (/pipfile$/i.test(item.name) && PIPFILE.test(path))))
      table(context, item, object, path, lines);
    tomlKey(context, item, path, here, line);
    if (object !== undefined)
      for (const [key, member] of Object.entries(object))
        queue.push({ value: member, path: path === '' ? key : `${path}.${key}` });
    else for (const member of listOf(here)) if (typeof member === 'object') queue.push({ value: member, path });
  }
}

function table(
  context: Context,
  item: Item,
  object: JsonObject,
  path: string,
  lines: ReadonlyMap<string, number>,
): void {
  for (const [name, spec] of Object.entries(object)) {
    const line = lines.get(`${path}.${name}`) ?? 0;
    if (name !== 'python') judgeName(context, item, name, line, 'pypi');
    const from = objectOf(spec);
    const url = textOf(from?.['git']) || textOf(from?.['url']);
    if (url !== '') judgeDependency(context, item, `${name} @ ${url}`, line);
  }
}

function tomlKey(context: Context, item: Item, path: string, value: JsonValue, line: number): void {
  const tell = (rule: string, detail: string, severity?: 'high' | 'medium'): void =>
    line === 0
      ? find(context, item, { rule, detail: detail.slice(0, 200), ...(severity === undefined ? {} : { severity }) })
      : tellAt(context, item, rule, detail, line, severity);
  const known = (url: string): boolean => isKnownIndex(url, rulesOf(context).data);
  const text = textOf(value);
  if (
    /^(?:tool\.(?:uv|poetry|pdm)\.)?(?:pip\.)?(?:index|source)\.url$|^(?:source|tool\.(?:uv\.index|poetry\.source|pdm\.source))\.url$|^tool\.uv\.(?:pip\.)?(?:index-url|default-index)$|^(?:pip\.)?index-url$/.test(
      path,
    ) &&
    text !== ''
  )
    index(tell, text, known);
  if (/(?:^|\.)extra-index-url$|^tool\.uv\.(?:pip\.)?find-links$/.test(path))
    for (const one of [text, ...listOf(value).map(textOf)].filter((url) => url !== '')) index(tell, one, known);
  if (/^tool\.uv\.sources\.[^.]+\.(?:git|url)$/.test(path)) judgeDependency(context, item, `x-source @ ${text}`, line);
  if (path === 'build-system.backend-path' && listOf(value).length > 0)
    tell('VLM-WSP-017', `build-system.backend-path ${JSON.stringify(value)}`);
  if (
    /^(?:hooks|tasks\.[^.]+\.run|tool\.(?:poe\.tasks|taskipy\.tasks|pdm\.scripts|rye\.scripts|hatch\.envs\.[^.]+\.scripts|pixi\.(?:tasks|activation))\.[^.]+(?:\.(?:cmd|shell))?|tasks\.[^.]+(?:\.cmd)?|activation\.scripts|run|scripts\.[^.]+|commands?|tool\.cibuildwheel\.(?:[^.]+\.)?(?:before-\w+|test-command)|deploy\.run)(?:\.[\w-]+)?$/.test(
      path,
    )
  )
    for (const one of [text, ...listOf(value).map(textOf)])
      if (one !== '')
        noteCommands(context, item, one, { name: `${path}:`, from: 'medium', ...(line === 0 ? {} : { line }) });
  if (/^hooks\.(?:enter|cd|leave|preinstall|postinstall)(?:\.script)?$/.test(path) && text !== '')
    tell('VLM-WSP-014', `${path} = ${text}`);
  if (
    /^(?:build\.(?:rustc|rustc-wrapper|rustc-workspace-wrapper|rustdoc)|target\.[^.]+.*\.(?:linker|runner)|net\.git-fetch-with-cli-command|registry\.credential-provider)$/.test(
      path,
    ) &&
    /^(?:\.{1,2}\/|scripts?\/|tools?\/)/.test(text)
  )
    tell('VLM-WSP-002', `${path} = ${text}`);
}

function index(
  tell: (rule: string, detail: string, severity?: 'high' | 'medium') => void,
  url: string,
  known: (url: string) => boolean,
): void {
  if (known(url)) return;
  tell(/^http:/i.test(url) ? 'VLM-REQ-006' : 'VLM-WSP-012', url);
}
