import { Args, Flags, type Interfaces } from '@oclif/core';
import type { PlanSource } from '../files/source.js';
import type { Shard } from '../model/apply-options.js';
import { usageFailure } from './error-report.js';

/** Flags of every command that connects to the databases. */
export const connectionFlags = {
  dotenv: Flags.string({
    // The former name, which Node 20 takes for a flag of its own.
    aliases: ['env-file'],
    helpValue: 'FILE',
    helpGroup: 'configuration',
    description: 'the variables that name the databases [default: .env, where it exists]; real ones win',
  }),
  config: fileFlag('mapping and policy [default: fix-roles.config.json, where it exists]', 'configuration'),
};

/** Progress is shown only where stderr is a terminal, and never with `--json`. */
export const progressFlags = {
  progress: Flags.boolean({ allowNo: true, default: true, description: 'show progress on stderr' }),
};

/** Flags of every command that makes a plan. */
export const planningFlags = {
  output: Flags.string({
    char: 'o',
    helpValue: 'FILE',
    description:
      'write the plan to a new file that only you can read; - is stdout. With --json, stdout has a summary',
  }),
  force: Flags.boolean({ description: 'replace the file if it exists', dependsOn: ['output'] }),
  'as-of': Flags.custom<number>({ parse: (text) => Promise.resolve(parseInstant(text)) })({
    helpValue: 'TIME',
    description:
      'the time that the plan is made for, to reproduce one: 2026-11-22T06:15:00.000Z [default: now]',
  }),
  names: Flags.boolean({
    allowNo: true,
    default: true,
    description: 'name people beside their ids, where the mapping says where names stand (mongo.users)',
  }),
};

/** What such flags say of a plan to make. */
export function planningTerms(flags: { readonly names: boolean; readonly 'as-of'?: number | undefined }) {
  return { asOf: flags['as-of'], names: flags.names ? 'as-mapped' : 'left-out' } as const;
}

function parseInstant(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  if (!Number.isNaN(at) && new Date(at).toISOString().slice(0, 19) === text.slice(0, 19)) return at;
  throw usageFailure('--as-of is no time in UTC', 'Write it like this: 2026-11-22T06:15:00.000Z');
}

/** One of several parts of all teams, written `I/N`. */
export function shardFlag(description: string) {
  return Flags.custom<Shard>({ parse: (text) => Promise.resolve(parseShard(text)) })({
    helpValue: 'I/N',
    description,
  });
}

function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  if (Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw usageFailure('--shard names no part', 'Count the parts from 0: 0/4, 1/4, 2/4, 3/4.');
}

/** A flag that names a file. */
export function fileFlag(description: string, helpGroup?: string) {
  return Flags.string({ helpValue: 'FILE', description, ...(helpGroup !== undefined && { helpGroup }) });
}

/** A flag that can be given several times; each takes one value. */
export function idFlag(description: string, helpValue = 'ID') {
  return Flags.string({ helpValue, multiple: true, multipleNonGreedy: true, description });
}

/** The same, where each is one of these words. */
export function choiceFlag<T extends string>(options: readonly T[], description: string) {
  return Flags.custom<T>({ options: [...options] })({
    multiple: true,
    multipleNonGreedy: true,
    description,
  });
}

/** A file to read; `-` is stdin. Without `ignoreStdin`, oclif takes the *name* of a missing one from stdin. */
export const fileArgument = (description: string): Interfaces.Arg<string> =>
  Args.string({ required: true, ignoreStdin: true, description });

/** The file that such an argument names. `strict` is for `apply`: nobody else can have put the file there. */
export function planSource(file: string, trust: 'strict' | 'any'): PlanSource {
  return file === '-' ? { kind: 'stdin', stream: process.stdin } : { kind: 'file', path: file, trust };
}

type Values = Record<string, unknown>;
/** What oclif has parsed. */
export type Given = Interfaces.ParserOutput<Values, Values, Values>;

/** The flags that name the databases, for the next command. The configuration file also says who must approve. */
export function connectingFlags(given: Given): string[] {
  return givenFlags(given, (flag) => flag in connectionFlags);
}

/** Those flags of a command line that `belongs` picks, as they were given. */
export function givenFlags({ raw, flags }: Given, belongs: (flag: string) => boolean): string[] {
  return raw.flatMap((token) => {
    if (token.type !== 'flag' || !belongs(token.flag)) return [];
    // Without a value, the parser notes the word itself as the input.
    return flags[token.flag] === true ? [`--${token.flag}`] : [`--${token.flag}`, token.input];
  });
}
