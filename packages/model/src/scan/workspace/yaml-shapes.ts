// YAML that tools act on: compose files, workflows of CI, environments of conda, hooks of pre-commit, and any key whose text is a
// command. A workflow runs on a machine of its host, so that only what harms others or fetches from anywhere counts there.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import { examineCompose, isCompose } from '../container/compose.js';
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import { judgeDependency } from '../document/examine-requirements.js';
import { noteCommands, rulesOf } from '../shell/note-commands.js';
import { isKnownIndex, originOf } from '../shell/origins.js';

const objectOf = (value: JsonValue | undefined): JsonObject | undefined =>
  value !== undefined && isJsonObject(value) ? value : undefined;
const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];
const MAX_COMMANDS = 3000;

export function examineYamlShapes(context: Context, item: Item, value: JsonValue): void {
  const object = objectOf(value);
  if (isCompose(value)) examineCompose(context, item, value);
  if (object !== undefined) {
    if (
      'dependencies' in object &&
      ('channels' in object || listOf(object['dependencies']).some((one) => objectOf(one)?.['pip'] !== undefined))
    )
      condaEnvironment(context, item, object);
    else if ('channels' in object || 'channel_alias' in object) channels(context, item, object);
    if (Array.isArray(object['repos'])) preCommit(context, item, object);
    workflow(context, item, object);
    yarn(context, item, object);
  }
  commands(context, item, value);
}

/** Texts under keys that name commands, wherever they stand. */
function commands(context: Context, item: Item, root: JsonValue): void {
  const keys = new Set(context.rules.files.workspace.commandKeys);
  const queue: { value: JsonValue; key: string }[] = [{ value: root, key: '' }];
  let count = 0;
  for (let next = queue.pop(); next !== undefined && count < MAX_COMMANDS; next = queue.pop()) {
    const { value, key } = next;
    if (typeof value === 'string') {
      if (!keys.has(key) || value.length < 6) continue;
      count += 1;
      // What a workflow fills in is no syntax of the shell.
      noteCommands(context, item, value.replace(/\$\{\{[^}]*\}\}/g, '$INPUT'), {
        place: 'container',
        name: `${key}:`,
        from: 'medium',
      });
    } else if (Array.isArray(value)) {
      const words = value as readonly JsonValue[];
      const line = words.every((one) => typeof one === 'string') ? words.map((one) => String(one)) : undefined;
      if (line !== undefined && keys.has(key) && /^(?:.*\/)?(?:ba|z|da)?sh$|^python/.test(line[0] ?? ''))
        noteCommands(context, item, line.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '), {
          place: 'container',
          name: `${key}:`,
          from: 'medium',
        });
      for (const one of words) queue.push({ value: one, key });
    } else if (value !== null && typeof value === 'object')
      for (const [name, member] of Object.entries(value))
        queue.push({ value: member, key: name.replace(/\u0000$/, '') });
  }
}

function workflow(context: Context, item: Item, value: JsonObject): void {
  const on = value['on'] ?? value['true'];
  const jobs = objectOf(value['jobs']);
  if (on === undefined || jobs === undefined) return;
  const triggers = JSON.stringify(on);
  if (!/pull_request_target|workflow_run/.test(triggers)) return;
  const checkouts = JSON.stringify(jobs);
  if (
    /actions\/checkout/.test(checkouts) &&
    /github\.event\.(?:pull_request|workflow_run)\.head|github\.head_ref|refs\/pull\//.test(checkouts)
  )
    find(context, item, {
      rule: 'VLM-WSP-015',
      detail: /pull_request_target/.test(triggers) ? 'pull_request_target' : 'workflow_run',
    });
}

function yarn(context: Context, item: Item, value: JsonObject): void {
  const path = value['yarnPath'];
  if (typeof path === 'string' && !/^(?:\.\/)?\.yarn\/releases\/yarn-[\w.-]+\.[cm]?js$/.test(path))
    find(context, item, { rule: 'VLM-WSP-002', detail: `yarnPath = ${path.slice(0, 160)}` });
  const server = value['npmRegistryServer'];
  if (typeof server === 'string' && /^http:/.test(server))
    find(context, item, { rule: 'VLM-WSP-012', severity: 'high', detail: server.slice(0, 160) });
}

function condaEnvironment(context: Context, item: Item, value: JsonObject): void {
  channels(context, item, value);
  for (const entry of listOf(value['dependencies'])) {
    for (const pip of listOf(objectOf(entry)?.['pip']))
      if (typeof pip === 'string') judgeDependency(context, item, pip);
    if (typeof entry === 'string') {
      const name = /^(?:[\w./-]+::)?([A-Za-z0-9][\w.-]*)/.exec(entry)?.[1];
      if (name !== undefined) judgeDependency(context, item, name);
    }
  }
}

function channels(context: Context, item: Item, value: JsonObject): void {
  const { data } = rulesOf(context);
  for (const channel of [...listOf(value['channels']), value['channel_alias'] ?? null]) {
    if (typeof channel !== 'string' || !/:\/\//.test(channel) || isKnownIndex(channel, data)) continue;
    const { trust, why } = originOf(channel, data);
    if (!/^https:\/\/(?:conda\.anaconda\.org|repo\.(?:anaconda|prefix)\.(?:com|dev)|prefix\.dev)\//.test(channel))
      find(context, item, {
        rule: 'VLM-WSP-012',
        detail: `${channel.slice(0, 160)} (${why})`,
        ...(trust === 'bad' ? { severity: 'high' as const } : {}),
      });
  }
}

function preCommit(context: Context, item: Item, value: JsonObject): void {
  for (const repo of listOf(value['repos'])) {
    const one = objectOf(repo);
    const from = one?.['repo'];
    if (typeof from === 'string' && /^(?:http|git):/.test(from))
      find(context, item, { rule: 'VLM-WSP-012', detail: from.slice(0, 160) });
    if (from !== 'local') continue;
    for (const hook of listOf(one?.['hooks'])) {
      const entry = objectOf(hook)?.['entry'];
      if (typeof entry === 'string') find(context, item, { rule: 'VLM-WSP-016', detail: entry.slice(0, 160) });
    }
  }
}
