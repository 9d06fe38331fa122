/** What a value can be completed with: one of a few words, a file, or nothing that a shell knows. */
export type Completion =
  { readonly kind: 'words'; readonly words: readonly string[] } | { readonly kind: 'file' | 'free' };

/** A flag as a shell needs to know it. */
export interface KnownFlag {
  /** Without the hyphens. */
  readonly name: string;
  readonly char: string | null;
  readonly about: string;
  /** Null: it takes no value. */
  readonly value: Completion | null;
}

/** A command as a shell needs to know it. */
export interface KnownCommand {
  /** One word, or two where it stands below a topic. */
  readonly words: readonly [string] | readonly [string, string];
  readonly about: string;
  readonly flags: readonly KnownFlag[];
  /** What its arguments can be completed with; all are of one kind. */
  readonly argument: Completion | null;
}

/** The topics and the names below them: what may stand in the second place. */
export function topicsOf(commands: readonly KnownCommand[]): ReadonlyMap<string, readonly KnownCommand[]> {
  const topics = new Map<string, KnownCommand[]>();
  for (const command of commands) {
    const [topic, name] = command.words;
    if (name !== undefined) topics.set(topic, [...(topics.get(topic) ?? []), command]);
  }
  return topics;
}

/** Every word that may stand in the first place, with what it is about. */
export function firstWordsOf(commands: readonly KnownCommand[]): ReadonlyMap<string, string> {
  return new Map(
    commands.map(({ words: [first, second], about }) => [first, second === undefined ? about : `${first} …`]),
  );
}

/** In single quotes, as all three shells understand them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
