// A team with a project whose base model somebody else trained and attested: for the stories of provenance.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJsonStrict } from '@vallum/core';
import type { ControlReport } from '@vallum/check';
import { attestCommand } from '../../packages/cli/src/commands/attest.js';
import { attestVerifyCommand } from '../../packages/cli/src/commands/attest-verify.js';
import { checkCommand, gateCommand } from '../../packages/cli/src/commands/check.js';
import { trustEnrol } from '../../packages/cli/src/commands/trust.js';
import type { Answer } from '../../packages/cli/src/answer.js';
import { CHECK, DEPLOY } from './release.js';
import type { TinyProject } from './tiny-project.js';
import { makeTinyProject } from './tiny-project.js';

export const WORKFLOW = '.github/workflows/train.yml';
export const ORIGIN = 'https://models.example.org/bert/';
const opened: TinyProject[] = [];

export function removeTeams(): void {
  for (const project of opened.splice(0)) project.remove();
}

export interface Pins {
  readonly origin?: string;
  readonly digest?: string;
  readonly principal?: string;
  readonly workflow?: string;
  readonly branch?: string;
  readonly builder?: string;
  readonly replaces?: string;
  /** Instead of all other pins of the signer. */
  readonly signer?: object;
  /** What the provenance speaks about. */
  readonly attested?: object;
}

/** A project whose v1 starts from a base model of alice; its feeds come from an allowed origin too. */
export class Team {
  readonly project: TinyProject;
  #yaml = '';

  constructor(project: TinyProject) {
    this.project = project;
  }

  static async meet(): Promise<Team> {
    const project = await makeTinyProject();
    opened.push(project);
    const team = new Team(project);
    for (const feed of ['ham-feed', 'spam-feed', 'later-feed']) {
      const path = team.at(`feeds/${feed}/feed.json`);
      writeFileSync(path, readFileSync(path, 'utf8').replace('made up for tests', 'https://data.example.org/mails/'));
    }
    cpSync(team.at('models/v2'), team.at('models/base'), { recursive: true });
    rmSync(team.at('models/base/run.json'));
    team.#yaml = readFileSync(team.at('vallum.yaml'), 'utf8');
    for (const id of ['alice', 'mallory']) await trustEnrol(project.io('root'), id, { roles: 'attest' });
    await team.attestBase('alice');
    return team;
  }

  at(path: string): string {
    return join(this.project.root, path);
  }

  keyOf(id: string): string {
    return join(this.project.keys, id, `${id}-attest.key.json`);
  }

  async attestBase(id: string, said: { workflow?: string; branch?: string; builder?: string } = {}): Promise<Answer> {
    return attestCommand(this.project.io('root'), this.at('models/base'), {
      key: this.keyOf(id),
      out: this.at('base.provenance.json'),
      workflow: WORKFLOW,
      branch: 'main',
      builder: 'https://ci.example.org/',
      ...said,
    });
  }

  async digestOfBase(): Promise<string> {
    const verify = { subject: this.at('models/base') };
    const { json } = await attestVerifyCommand(this.project.io('runner'), this.at('base.provenance.json'), verify);
    return (json as { digest: string }).digest;
  }

  async declare(pins: Pins = {}): Promise<void> {
    const digest = pins.digest ?? (await this.digestOfBase());
    const signer = pins.signer ?? {
      principal: pins.principal ?? 'alice',
      workflow: pins.workflow ?? WORKFLOW,
      branch: pins.branch ?? 'main',
      builder: pins.builder ?? 'https://ci.example.org/',
    };
    const base = {
      name: 'bert-base',
      path: 'models/base',
      origin: pins.origin ?? `${ORIGIN}base-uncased`,
      digest,
      provenance: 'base.provenance.json',
      ...(pins.attested === undefined ? {} : { attested: pins.attested }),
      ...(pins.replaces === undefined ? {} : { replaces: pins.replaces }),
    };
    const feed = (name: string): { digest: string } => ({
      digest: feedsOf(this.at('models/v1/run.json')).find((one) => one.name === name)?.sha256 ?? '',
    });
    const sources = {
      allowed: [{ origin: 'https://data.example.org/' }, { origin: ORIGIN, signer }],
      feeds: { 'ham-feed': feed('ham-feed'), 'spam-feed': feed('spam-feed') },
    };
    const yaml = this.#yaml.replace('models/v1,', `models/v1, base: ${JSON.stringify(base)},`);
    writeFileSync(this.at('vallum.yaml'), `${yaml}sources: ${JSON.stringify(sources)}\n`);
  }

  /** What `source.policy` says in a check. */
  async check(): Promise<Said> {
    const { json } = await checkCommand(this.project.io('runner'), 'v1', CHECK);
    const { controls, verdict } = json as { controls: readonly ControlReport[]; verdict: Verdict };
    const report = controls.find(({ kind }) => kind === 'source.policy') as unknown as Said['report'];
    return { report, judged: verdict.reasons.filter(({ requirement }) => requirement === 'source.policy') };
  }

  /** Reasons of a verdict from the evidence at hand, as far as they are about sources. */
  async gate(): Promise<readonly { code: string }[]> {
    const { json } = await gateCommand(this.project.io('runner'), 'v1', DEPLOY);
    const { reasons } = (json as { verdict: Verdict }).verdict;
    return reasons.filter(({ requirement }) => requirement === 'source.policy');
  }
}

interface Verdict {
  readonly reasons: readonly { requirement: string; code: string; result: string; message: string }[];
}

export interface Said {
  readonly report: {
    readonly how: string;
    readonly statement?: string;
    readonly outcome?: string;
    readonly reason?: { readonly code: string; readonly message: string };
    readonly findings?: readonly { readonly rule: string; readonly message: string }[];
  };
  readonly judged: Verdict['reasons'];
}

function feedsOf(path: string): readonly { name: string; sha256: string }[] {
  return (parseJsonStrict(readFileSync(path)) as unknown as { feeds: { name: string; sha256: string }[] }).feeds;
}

/** Rules of the findings, and what the verdict made of them. */
export const rulesOf = ({ report }: Said): readonly string[] => (report.findings ?? []).map(({ rule }) => rule);
export const results = ({ judged }: Said): readonly string[] => judged.map(({ result }) => result);
