/** What a value can be completed with; neither words nor files: with nothing. */
export interface Completion {
  readonly words: readonly string[];
  readonly files: boolean;
}

export interface KnownFlag {
  /** Without the hyphens. */
  readonly name: string;
  readonly char: string | undefined;
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
  /** For each of its arguments; undefined where it takes none. */
  readonly argument: Completion | undefined;
}

/** A word that may stand in the first place. */
export interface FirstWord {
  readonly word: string;
  readonly about: string;
  /** The second words of a topic; empty for a command. */
  readonly below: readonly { readonly word: string; readonly about: string }[];
}

export function firstWordsOf(commands: readonly KnownCommand[]): readonly FirstWord[] {
  return [...new Set(commands.map(({ words: [first] }) => first))].map((word) => {
    const same = commands.filter(({ words: [first] }) => first === word);
    const below = same.flatMap(({ words: [, second], about }) =>
      second === undefined ? [] : [{ word: second, about }],
    );
    return { word, about: below.length > 0 ? `${word} …` : (same[0]?.about ?? ''), below };
  });
}

/** In single quotes, as all three shells understand them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
