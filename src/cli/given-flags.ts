import type { Interfaces } from '@oclif/core';
import type { AppliedFiles } from '../views/apply-text.js';

type Given = Interfaces.ParserOutput<
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>
>;

/** The configuration file also says who must approve. */
const CONNECTING: readonly string[] = ['dotenv', 'config'];
/** What is not repeated where an apply is to be run again; `--of` goes with the plan. */
const ONCE: readonly string[] = ['yes', 'limit', 'again', 'of', 'json', 'quiet', 'verbose', 'progress'];

/** The flags that say which databases, for the next command. */
export function connectingFlags(given: Given): string[] {
  return givenFlags(given, (flag) => CONNECTING.includes(flag));
}

/** What else belongs to the same apply: without its receipt or its limits it would be another one. */
export function wordsToApplyAgain(
  given: Given,
  planFile: string,
): Pick<AppliedFiles, 'again' | 'connecting'> {
  const again = givenFlags(given, (flag) => !ONCE.includes(flag) || (flag === 'yes' && planFile === '-'));
  return { again, connecting: connectingFlags(given) };
}

/** The flags of a command line as they were given, as far as they belong to what is meant. */
function givenFlags({ raw, flags }: Given, belongs: (flag: string) => boolean): string[] {
  return raw.flatMap((token) => {
    if (token.type !== 'flag' || !belongs(token.flag)) return [];
    // Of one that takes no value the parser notes the word itself.
    return flags[token.flag] === true ? [`--${token.flag}`] : [`--${token.flag}`, token.input];
  });
}
