/** Which tags of YAML are plain, which make a loader build something (`rules/yaml-tags.json`). */
export interface YamlTagRules {
  /** Types of YAML itself, below `tag:yaml.org,2002:`. */
  readonly core: readonly string[];
  /** Python's own plain types. */
  readonly plain: string;
  /** Names that the configuration of mkdocs asks for. */
  readonly names: string;
  /** Local tags whose word says that something is built or called. */
  readonly builders: string;
  /** Builders whose class is of a training framework. */
  readonly builderNames: string;
}
