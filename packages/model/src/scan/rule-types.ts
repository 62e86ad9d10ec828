// The shapes of the rule files.
import type { Severity } from '@vallum/core';
import type { PythonCodeRules } from './python/code-rules.js';
import type { YamlTagRules } from './document/yaml-tag-rules.js';
import type { AssistantRules } from './readme/assistant-text.js';
import type { ShellRules } from './shell/shell-rules.js';
import type { PopularPackages } from './workspace/look-alikes.js';
import type { WorkspaceRules } from './workspace/workspace-rules.js';

export interface FindingRule {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly atlas: readonly string[];
  readonly cwe: readonly string[];
  readonly cve: readonly string[];
  readonly fix: string;
}

/** How a name may be used: stand in data, be called, be built without a call and given its state, be given items. */
export type How = 'reference' | 'call' | 'build' | 'items';

/** Kinds joined by `|`, a trailing `?` where it may be missing, `...` where anything may follow; or one of some texts or names. */
export type ArgumentSpec =
  | string
  | { readonly text: readonly string[]; readonly optional?: boolean }
  | { readonly global: readonly string[]; readonly or?: string; readonly optional?: boolean };

/**
 * Keys of the state that BUILD sets whose value is run or evaluated by the class, with the pattern of the texts that are
 * fine. The state must then be a plain dict with text keys.
 */
export type StateRule = Readonly<Record<string, string>>;

export interface AllowEntry {
  /** `module:name` */
  readonly names: readonly string[];
  readonly how: readonly How[];
  readonly args?: readonly ArgumentSpec[];
  /** The result is an instance of the class in this argument. */
  readonly builds?: number;
  readonly state?: StateRule;
  /** Arguments of NEWOBJ; without it there may be none. */
  readonly newArgs?: readonly ArgumentSpec[];
  /** Shape of a state that is a tuple. */
  readonly sets?: readonly ArgumentSpec[];
}

/** Classes by pattern: never a way to allow a call. */
export interface ClassPattern {
  /** A module allows its submodules too, by whole parts. */
  readonly modules: readonly string[];
  readonly except?: readonly string[];
  readonly name: string;
  readonly how: readonly Exclude<How, 'call'>[];
  readonly state?: StateRule;
  /** Arguments of NEWOBJ; without it there may be none. */
  readonly newArgs?: readonly ArgumentSpec[];
}

export interface AllowPack {
  readonly pack: string;
  /** Top-level packages that the pack speaks for: what it does not list there is refused. */
  readonly packages: readonly string[];
  readonly allow: readonly AllowEntry[];
  readonly classes?: readonly ClassPattern[];
  /** Shapes of persistent ids. */
  readonly persistent?: readonly (readonly ArgumentSpec[])[];
}

export interface Explanation {
  /** `module:name`, with `*` for every name, and `module.*` for submodules. */
  readonly names: readonly string[];
  readonly severity: Severity;
  readonly why: string;
}

export interface JsonKeyRule {
  readonly finding?: string;
  /** Instead of a finding: what is not examined here. */
  readonly notExamined?: string;
  readonly keys: readonly string[];
  /** Applies only where these keys stand in the same object. */
  readonly beside?: readonly string[];
  /** Values, as text, that are fine. */
  readonly allow?: readonly string[];
  /** Values, as text, that are not; without it every value is a finding. */
  readonly deny?: readonly string[];
  /** Looks into texts below the key, not only at the value itself. */
  readonly deep?: boolean;
  readonly scalarsOnly?: boolean;
}

/** What tells a kind of text: its name, or how it starts. */
export interface TextKindRule {
  readonly kind: string;
  /** As a person would name it. */
  readonly what: string;
  readonly extensions?: readonly string[];
  /** Whole names without folder, in lower case. */
  readonly names?: readonly string[];
  /** Matches the name without folder, in lower case. */
  readonly pattern?: string;
  /** Matches the path as shown, in lower case. */
  readonly path?: string;
  /** Matches the first 4 KiB. */
  readonly start?: string;
}

export interface NameRules {
  readonly expect: readonly {
    readonly extensions: readonly string[];
    readonly formats: readonly string[];
    readonly inert?: boolean;
  }[];
  readonly runnable: readonly string[];
  readonly programs: readonly string[];
  /** Formats that do nothing when they are read. */
  readonly harmless: readonly string[];
  /** Kinds of text; every row that fits applies. */
  readonly texts: readonly TextKindRule[];
}

/** What a template may use. Everything else in it is told. */
export interface JinjaRules {
  /** Functions that are called by their bare name, and stand nowhere else. */
  readonly functions: readonly string[];
  readonly methods: readonly string[];
  /** Methods and filters whose result is a number or a truth value. */
  readonly plainResults: readonly string[];
  /** Methods and filters that only take text away, whatever their arguments are. */
  readonly removingResults: readonly string[];
  /** Filters that turn escapes into the characters they stand for. */
  readonly decodingResults: readonly string[];
  /** Methods and filters whose result is a generator or a view. */
  readonly lazyResults: readonly string[];
  readonly filters: readonly string[];
  /** Where filters take the name of an attribute. */
  readonly attributeFilters: Readonly<Record<string, { readonly position?: number; readonly keyword?: string }>>;
  readonly tests: readonly string[];
  /** Attributes that lead from values into the interpreter, besides those with an underscore in front. */
  readonly reserved: readonly string[];
  /** Attributes of Jinja's own environment and templates, which lead to functions. */
  readonly interpreter: readonly string[];
  /** Methods that change what they are called on. */
  readonly changing: readonly string[];
  /** Private names of Python without their underscores. */
  readonly stems: readonly string[];
  /** Variables whose text is the template author's, as patterns. */
  readonly ownText: readonly string[];
  /** Keys of JSON and YAML whose texts are templates. */
  readonly keys: readonly string[];
  /** Kinds of text whose templates are looked at there, or that are programs. */
  readonly otherKinds: readonly string[];
  /** Extensions of pages, which show templates and are none. */
  readonly pages: readonly string[];
  /** Names of files that are chat templates, as patterns. */
  readonly names: readonly string[];
}

/** What a serialised Keras model may name. */
export interface KerasRules {
  /** Which packages the names came from. */
  readonly made: string;
  /** Pattern of the modules that are Keras' own. */
  readonly modules: string;
  /** Pattern of the modules whose functions a model may name: others have functions of the same names. */
  readonly functionModules: string;
  /** Pattern of the modules of Keras that hold nothing of a model. */
  readonly noModels: string;
  /** Operations that call a function which they are given. */
  readonly takeFunctions: readonly string[];
  /** Packages under which Keras registers its own classes. */
  readonly own: readonly string[];
  /** Class names that stand for plain values. */
  readonly marks: readonly string[];
  /** Keys whose text is a path that is read. */
  readonly pathKeys: readonly string[];
  /** Classes of tensors whose class methods may be called. */
  readonly tensorMethods: readonly string[];
  /** Functions of Python that a missing module leads to. */
  readonly python: readonly string[];
  readonly classes: readonly string[];
  /** Classes of KerasHub. */
  readonly hub: readonly string[];
  readonly functions: readonly string[];
  readonly tensorflowFunctions: readonly string[];
  readonly tensorflowOperators: readonly string[];
}

/** How an operator of TensorFlow is judged, by name. */
export interface TensorflowOperatorRule {
  readonly rule: string;
  /** Key of `policies`. */
  readonly policy: string;
  /** Names with spaces between. */
  readonly ops: string;
  /** Inputs that hold paths, addresses or what is written. */
  readonly inputs?: readonly number[];
  readonly attributes?: readonly string[];
  /** Attributes, as text, that are fine. */
  readonly allow?: string;
}

export interface TensorflowRules {
  /** Severity by where a path comes from; `any` wherever it comes from. */
  readonly policies: Readonly<Record<string, Readonly<Record<string, Severity>>>>;
  readonly operators: readonly TensorflowOperatorRule[];
  /** Readers of records, with names of files that reach them through queues. */
  readonly records: string;
  /** An operator that holds a compiled program, and what tells that it calls code outside itself. */
  readonly compiled: {
    readonly op: string;
    readonly attribute: string;
    readonly calls: string;
    readonly python: readonly string[];
  };
  /** Paths that no model has a reason to read. */
  readonly sensitive: readonly string[];
  /** Custom operators that the standard runtime of TFLite has. */
  readonly liteCustom: string;
  readonly harmless: readonly string[];
}

/** Which names a loader of skops may use: those of its list, or besides them classes, functions or types of the allowlist. */
export interface SkopsLoader {
  readonly names: 'none' | 'list' | 'classes' | 'functions' | 'types';
  /** `module:name` */
  readonly list?: readonly string[];
}

export interface SkopsRules {
  readonly loaders: Readonly<Record<string, SkopsLoader>>;
  /** Modules under another name than the one that the allowlist uses. */
  readonly modules: Readonly<Record<string, string>>;
  /** Functions of numpy that only compute. */
  readonly functions: readonly string[];
  readonly bitGenerators: readonly string[];
}

/** Parameters of LightGBM that name files or computers. */
export interface LightgbmParameter {
  readonly keys: readonly string[];
  readonly why: string;
  /** Values that are nothing to tell, as a pattern. */
  readonly plain?: string;
  /** Rule for a value inside the folder, and for one that reaches out of it. */
  readonly inside: string;
  readonly outside: string;
}

export interface XmlRules {
  /** Document types that are published for everybody, as patterns of their addresses. */
  readonly publicDocuments: readonly string[];
  /** Where schemas lie that are published for everybody, as patterns. */
  readonly schemaHosts: readonly string[];
  /** Starts of namespaces that bind elements and functions to code. */
  readonly codeNamespaces: readonly string[];
  /** Functions that PMML defines. */
  readonly pmmlFunctions: readonly string[];
}

export interface OnnxRules {
  /** Domains whose operators the runtime has itself. */
  readonly domains: readonly string[];
  /** Operators that run Python, as patterns over `domain::type`. */
  readonly python: readonly string[];
  /** Operators that hold a compiled program of an execution provider. */
  readonly compiled: readonly string[];
  /** What other domains are known to need. It finds nothing. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** All rule files as they are on disk; their canonical JSON gives the digest. */
export interface RuleFiles {
  /** One file for each family of rules. */
  readonly findings: readonly { readonly findings: readonly FindingRule[] }[];
  readonly packs: readonly AllowPack[];
  readonly explain: { readonly explain: readonly Explanation[]; readonly tampering: readonly string[] };
  readonly aliases: Readonly<
    Record<
      'always' | 'python2',
      { readonly modules: Readonly<Record<string, string>>; readonly names: Readonly<Record<string, string>> }
    >
  >;
  readonly known: { readonly standardLibrary: readonly string[] };
  readonly jsonKeys: { readonly rules: readonly JsonKeyRule[] };
  readonly keras: KerasRules;
  readonly names: NameRules;
  readonly archive: {
    /** Extensions of files that loaders open by themselves as a pickle or a zip. */
    readonly loaded: readonly string[];
    /** Formats of numbers: an array of zeros packs very small, and is no bomb. */
    readonly dense: readonly string[];
  };
  readonly jinja: JinjaRules;
  /** What TorchScript may call: namespaces of operators, less those operators that reach out of the process. */
  readonly torchScript: {
    readonly namespaces: readonly string[];
    /** Single operators, by namespace. */
    readonly operators: Readonly<Record<string, readonly string[]>>;
    readonly reachesOut: readonly string[];
    /** Those of `reachesOut` that no class has as a method of its own: a method of that name is the operator. */
    readonly methods: readonly string[];
  };
  readonly skops: SkopsRules;
  readonly xgboost: {
    readonly objectives: readonly string[];
    readonly boosters: readonly string[];
    readonly keys: readonly string[];
  };
  readonly lightgbm: { readonly objectives: readonly string[]; readonly parameters: readonly LightgbmParameter[] };
  /** Classes of ALTREP objects and functions in promises that are R's own and only compute. */
  readonly rdata: { readonly altrep: readonly string[]; readonly functions: readonly string[] };
  readonly xml: XmlRules;
  /** Backends and agents of Triton that run no code of the model, and the fields of its configuration. */
  readonly serving: {
    readonly backends: readonly string[];
    readonly agents: readonly string[];
    readonly fields: readonly string[];
  };
  readonly onnx: OnnxRules;
  readonly tensorflow: TensorflowRules;
  readonly pythonCode: PythonCodeRules;
  readonly shell: ShellRules;
  readonly workspace: WorkspaceRules;
  readonly assistant: AssistantRules;
  readonly popular: PopularPackages;
  readonly yamlTags: YamlTagRules;
}
