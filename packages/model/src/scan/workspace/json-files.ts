// JSON that editors, assistants and package managers act on: tasks and settings of VS Code, dev containers, hooks and servers of
// assistants, package.json. Known by shape, since a file can be scanned alone; what runs by itself is high, the rest is read for
// what its commands do.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import { judgeName } from '../document/examine-requirements.js';
import { noteCommands } from '../shell/note-commands.js';
import { looksLikePath } from './paths.js';

const objectOf = (value: JsonValue | undefined): JsonObject | undefined =>
  value !== undefined && isJsonObject(value) ? value : undefined;
const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

/** A command and its arguments as one line of a shell; a list is quoted word by word. */
export function commandLine(value: JsonValue | undefined, args?: JsonValue): string {
  const words = listOf(args)
    .filter((arg) => typeof arg === 'string' || isJsonObject(arg))
    .map((arg) => quoted(typeof arg === 'string' ? arg : textOf(objectOf(arg)?.['value'])));
  const head = Array.isArray(value)
    ? listOf(value)
        .map((word) => quoted(textOf(word)))
        .join(' ')
    : textOf(value);
  return [head, ...words].join(' ').trim();
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export function examineWorkspaceJson(context: Context, item: Item, value: JsonValue): void {
  const object = objectOf(value);
  if (object === undefined) return;
  const path = item.name.replaceAll('\\', '/').toLowerCase();
  for (const { fits, judge } of JUDGES) if (fits(object, path)) judge(context, item, object);
}

const HOOK_EVENTS =
  /^(?:PreToolUse|PostToolUse|UserPromptSubmit|SessionStart|SessionEnd|Stop|SubagentStop|Notification|PreCompact|PermissionRequest|Setup|beforeShellExecution|afterShellExecution|beforeMCPExecution|afterMCPExecution|beforeReadFile|afterFileEdit|beforeSubmitPrompt|stop|sessionStart|sessionEnd|preToolUse|postToolUse|BeforeTool|AfterTool|BeforeAgent|AfterAgent|BeforeModel|AfterModel)$/;
const DEV_KEYS = [
  'initializeCommand',
  'onCreateCommand',
  'updateContentCommand',
  'postCreateCommand',
  'postStartCommand',
  'postAttachCommand',
];

const JUDGES: readonly {
  readonly fits: (value: JsonObject, path: string) => boolean;
  readonly judge: (context: Context, item: Item, value: JsonObject) => void;
}[] = [
  {
    fits: (value) =>
      listOf(value['tasks']).some(
        (task) =>
          objectOf(task) !== undefined &&
          ['command', 'script', 'osx', 'linux', 'windows', 'runOptions'].some((key) => key in (task as JsonObject)),
      ),
    judge: tasks,
  },
  {
    fits: (value, path) => path.endsWith('.code-workspace') || 'settings' in value,
    judge: (context, item, value) => nested(context, item, value),
  },
  {
    fits: (value, path) =>
      /(?:^|\/)(?:\.vscode\/|user\/)?settings\.json$/.test(path) ||
      Object.keys(value).some((key) =>
        /^(?:terminal|task|python|git|chat|security|editor|files|github|jupyter|rust-analyzer|http|remote|emeraldwalk|eslint|docker|php|go|java|typescript)\.[\w.]+$/.test(
          key,
        ),
      ),
    judge: settings,
  },
  {
    fits: (value, path) => DEV_KEYS.some((key) => key in value) || /devcontainer\.json$/.test(path),
    judge: devContainer,
  },
  { fits: (value) => Object.keys(objectOf(value['hooks']) ?? {}).some((key) => HOOK_EVENTS.test(key)), judge: hooks },
  {
    fits: (value) =>
      /_BASE_URL|LD_PRELOAD|BASH_ENV/.test(Object.keys(objectOf(value['env']) ?? {}).join(' ')) ||
      [
        'permissions',
        'enableAllProjectMcpServers',
        'apiKeyHelper',
        'statusLine',
        'awsAuthRefresh',
        'awsCredentialExport',
        'otelHeadersHelper',
        'toolDiscoveryCommand',
        'toolCallCommand',
      ].some((key) => key in value),
    judge: assistant,
  },
  {
    fits: (value) =>
      ['mcpServers', 'servers', 'mcp', 'context_servers'].some((key) => objectOf(value[key]) !== undefined),
    judge: servers,
  },
  {
    fits: (value) =>
      (objectOf(value['scripts']) !== undefined ||
        ['dependencies', 'devDependencies'].some((key) => objectOf(value[key]) !== undefined)) &&
      !('lockfileVersion' in value),
    judge: packageJson,
  },
  {
    fits: (value) => Array.isArray(value['argv']) && ('display_name' in value || 'language' in value),
    judge: (context, item, value) => void noteCommands(context, item, commandLine(value['argv']), { name: 'argv' }),
  },
];

function tasks(context: Context, item: Item, value: JsonObject): void {
  for (const task of listOf(value['tasks'])) {
    const one = objectOf(task);
    if (one === undefined) continue;
    const opens = textOf(objectOf(one['runOptions'])?.['runOn']) === 'folderOpen';
    for (const part of [one, ...['linux', 'osx', 'windows'].map((key) => objectOf(one[key]))]) {
      const command = commandLine(part?.['command'] ?? part?.['script'], part?.['args']);
      if (command === '') continue;
      noteCommands(context, item, command, { name: 'a task:', from: 'medium' });
      if (opens) find(context, item, { rule: 'VLM-WSP-001', detail: command.slice(0, 160) });
    }
    if (opens && one['command'] === undefined && one['script'] === undefined)
      find(context, item, { rule: 'VLM-WSP-001', detail: textOf(one['label']) || textOf(one['type']) || 'a task' });
  }
}

function nested(context: Context, item: Item, value: JsonObject): void {
  for (const key of ['settings', 'tasks', 'launch']) {
    const inner = objectOf(value[key]);
    if (inner === undefined) continue;
    if (key === 'settings') settings(context, item, inner);
    else examineWorkspaceJson(context, item, inner);
  }
}

function settings(context: Context, item: Item, value: JsonObject): void {
  const rows = context.rules.files.workspace.settings;
  for (const [key, entry] of Object.entries(value).slice(0, 2000)) {
    const text = typeof entry === 'string' ? entry : JSON.stringify(entry);
    for (const row of rows) {
      if (!new RegExp(row.key).test(key) || (row.keys !== undefined && !new RegExp(row.keys).test(key))) continue;
      if (!new RegExp(row.value).test(text) || (row.except !== undefined && new RegExp(row.except).test(text)))
        continue;
      // A milder row for a whole family of keys uses the rule of the container commands.
      const rule = row.severity === 'medium' ? 'VLM-WSP-003' : row.rule;
      find(context, item, { rule, detail: `${key} = ${text.slice(0, 120)}`, key: `${rule} ${key}` });
      break;
    }
  }
}

function devContainer(context: Context, item: Item, value: JsonObject): void {
  for (const key of DEV_KEYS) {
    const entry = value[key];
    const commands = objectOf(entry) === undefined ? [entry] : Object.values(objectOf(entry) ?? {});
    for (const one of commands) {
      const command = commandLine(one);
      if (command === '') continue;
      noteCommands(context, item, command, { name: key, place: key === 'initializeCommand' ? 'machine' : 'container' });
      if (
        key === 'initializeCommand' &&
        !/^(?:echo|mkdir -p|touch|true|docker (?:volume|network) create|docker pull)\b[^;&|`$]*$/.test(command)
      )
        find(context, item, { rule: 'VLM-WSP-004', detail: command.slice(0, 160) });
      else if (key !== 'initializeCommand')
        find(context, item, { rule: 'VLM-WSP-003', detail: `${key}: ${command.slice(0, 160)}` });
    }
  }
  const args = listOf(value['runArgs']).map(textOf);
  if (value['privileged'] === true || args.includes('--privileged'))
    find(context, item, { rule: 'VLM-DKR-005', detail: 'runArgs --privileged' });
  for (const arg of args)
    if (/^--(?:pid|ipc|network|net|userns)=host$|docker\.sock/.test(arg))
      find(context, item, { rule: 'VLM-DKR-006', detail: arg });
  for (const mount of [...listOf(value['mounts']), ...args]) {
    const text = typeof mount === 'string' ? mount : JSON.stringify(mount);
    if (
      /docker\.sock|(?:source|src)"?[=:]"?(?:\/|~|\/home|\/root|\$\{localEnv:HOME\}|\$\{localEnv:HOME\}\/\.(?:ssh|aws|kube|gnupg|docker|config\/gcloud))"?(?:,|$)/.test(
        text,
      )
    )
      find(context, item, { rule: 'VLM-DKR-006', detail: text.slice(0, 160) });
  }
  const inner =
    objectOf(objectOf(objectOf(value['customizations'])?.['vscode'])?.['settings']) ?? objectOf(value['settings']);
  if (inner !== undefined) settings(context, item, inner);
}

function hooks(context: Context, item: Item, value: JsonObject): void {
  const queue: JsonValue[] = [value['hooks'] ?? null];
  for (let next = queue.pop(), steps = 0; next !== undefined && steps < 5000; next = queue.pop(), steps++) {
    if (typeof next !== 'object' || next === null) continue;
    const object = objectOf(next);
    const command = object === undefined ? '' : commandLine(object['command'] ?? object['bash'], object['args']);
    if (command !== '') {
      noteCommands(context, item, command, { name: 'a hook:', from: 'medium' });
      find(context, item, { rule: 'VLM-WSP-005', detail: `a hook: ${command.slice(0, 160)}` });
    }
    queue.push(...(Object.values(next) as readonly JsonValue[]));
  }
}

function assistant(context: Context, item: Item, value: JsonObject): void {
  const tell = (detail: string): void => find(context, item, { rule: 'VLM-WSP-005', detail: detail.slice(0, 200) });
  const permissions = objectOf(value['permissions']);
  if (/^(?:bypassPermissions|dontAsk)$/.test(textOf(permissions?.['defaultMode'])))
    tell(`permissions.defaultMode = ${textOf(permissions?.['defaultMode'])}`);
  for (const allowed of listOf(permissions?.['allow'])) {
    const text = textOf(allowed);
    if (/^(?:Bash|Shell|WebFetch)?(?:\(?\s*\*?:?\*?\s*\)?)?$/.test(text) && /^(?:Bash|Shell|\*)/.test(text))
      tell(`permissions.allow ${text}`);
    else if (/^(?:Bash|Shell)\((?:curl|wget|bash|sh|python3?|node|eval|sudo|rm|nc)\b[^)]*\*/.test(text))
      find(context, item, { rule: 'VLM-WSP-006', detail: `permissions.allow ${text}` });
  }
  if (value['enableAllProjectMcpServers'] === true) tell('enableAllProjectMcpServers');
  for (const key of [
    'apiKeyHelper',
    'awsAuthRefresh',
    'awsCredentialExport',
    'otelHeadersHelper',
    'toolDiscoveryCommand',
    'toolCallCommand',
  ]) {
    const command = textOf(value[key]);
    if (command !== '') {
      noteCommands(context, item, command, { name: key, from: 'medium' });
      tell(`${key}: ${command}`);
    }
  }
  const status = textOf(objectOf(value['statusLine'])?.['command']);
  if (status !== '') tell(`statusLine: ${status}`);
  for (const [key, entry] of Object.entries(objectOf(value['env']) ?? {}))
    if (/(?:_BASE_URL|_PROXY|NODE_OPTIONS|LD_PRELOAD|BASH_ENV|NODE_TLS_REJECT_UNAUTHORIZED)$/i.test(key))
      tell(`env ${key} = ${textOf(entry)}`);
}

function servers(context: Context, item: Item, value: JsonObject): void {
  const groups = ['mcpServers', 'servers', 'context_servers'].map((key) => objectOf(value[key]));
  groups.push(objectOf(objectOf(value['mcp'])?.['servers']), objectOf(value['mcp']));
  for (const group of groups)
    for (const [name, server] of Object.entries(group ?? {})) {
      const one = objectOf(server);
      if (one === undefined) continue;
      const command = commandLine(one['command'], one['args']);
      const url = textOf(one['url']) || textOf(one['httpUrl']) || textOf(one['serverUrl']);
      if (command !== '' && one['command'] !== undefined) {
        noteCommands(context, item, command, { name: `${name}:`, from: 'medium' });
        find(context, item, { rule: 'VLM-WSP-006', detail: `${name}: ${command.slice(0, 160)}` });
      } else if (/^http:\/\/(?!localhost|127\.)/.test(url))
        find(context, item, { rule: 'VLM-WSP-006', detail: `${name}: ${url.slice(0, 160)}` });
      if (
        one['trust'] === true ||
        one['autoApprove'] === true ||
        listOf(one['autoApprove']).includes('*') ||
        listOf(one['alwaysAllow']).includes('*')
      )
        find(context, item, { rule: 'VLM-WSP-005', detail: `${name} may act without being asked` });
    }
}

function packageJson(context: Context, item: Item, value: JsonObject): void {
  const { setupScripts, plainScripts } = context.rules.files.workspace;
  for (const [name, script] of Object.entries(objectOf(value['scripts']) ?? {})) {
    const command = commandLine(script);
    if (command === '') continue;
    noteCommands(context, item, command, { name: `scripts.${name}:`, from: 'high' });
    if (setupScripts.includes(name) && !new RegExp(plainScripts).test(command.trim()))
      find(context, item, { rule: 'VLM-WSP-011', detail: `${name}: ${command.slice(0, 160)}` });
  }
  for (const key of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])
    for (const [name, version] of Object.entries(objectOf(value[key]) ?? {}).slice(0, 2000)) {
      const text = textOf(version);
      if (!looksLikePath(text)) judgeName(context, item, name, 0, 'npm');
      if (/^(?:git\+)?http:|^git:/.test(text))
        find(context, item, { rule: 'VLM-REQ-006', detail: `${name} ${text.slice(0, 160)}` });
      else if (/^(?:git\+|https:|ssh:|github:|gitlab:|bitbucket:|gist:)|^[\w.-]+\/[\w.-]+(?:#.*)?$/.test(text))
        find(context, item, { rule: 'VLM-REQ-005', detail: `${name} ${text.slice(0, 160)}` });
    }
}
