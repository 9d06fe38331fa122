/** The exit codes (docs/design.md, "Commands"). Where several apply: 130, then 5, then 3. */
export const EXIT = {
  done: 0,
  operational: 1,
  different: 2,
  drift: 3,
  refused: 4,
  partly: 5,
  usage: 64,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The meaning of a code by command id; `every` is for commands that are not listed. */
type Meaning = Readonly<Record<string, string>>;

const MEANINGS: Readonly<Record<ExitCode, Meaning>> = {
  [EXIT.done]: {
    plan: 'planned; with --detailed-exitcode: nothing to change',
    apply: 'everything in the plan holds in both stores',
    verify: 'every team still matches the plan; with --reproduce: the same plan came out',
    diff: 'the plans do not differ',
    doctor: 'no check failed',
    every: 'done',
  },
  [EXIT.operational]: {
    apply: 'operational error: cannot connect, disk full, another apply is running, a bug',
    doctor: 'a check failed (✗), or operational error: an unusable configuration, a bug',
    every: 'operational error: cannot connect, cannot read or write a file, a bug',
  },
  [EXIT.different]: {
    plan: 'with --detailed-exitcode: changes are needed',
    verify: 'with --reproduce: the plans differ',
    diff: 'the plans differ',
  },
  [EXIT.drift]: {
    apply: 'drift: at least one team no longer matches the plan',
    verify: 'drift: at least one team no longer matches the plan',
  },
  [EXIT.refused]: {
    plan: 'refused: the output file exists already, or --as-of lies in the future',
    init: 'refused: the output file exists already',
    'sandbox:up': 'refused: the output file exists already',
    apply:
      'refused: the file is invalid, altered, for another target, too old, over a limit or not approved; ' +
      'or the confirmation was declined',
    verify: 'refused: the file is invalid, altered or for another target',
    approve: 'refused: the file is invalid or altered, or your key has signed another one of that name',
    show: 'refused: the file is invalid or altered',
    diff: 'refused: a file is invalid or altered',
    revert: 'refused: the receipt is invalid or for another target',
  },
  [EXIT.partly]: {
    apply:
      'partly applied: some teams failed, were overtaken, are of unknown state or not begun; ' +
      'run the same command again',
  },
  [EXIT.usage]: { every: 'usage error' },
  [EXIT.interrupted]: {
    apply: 'interrupted: teams in flight were finished, the rest is untouched',
    every: 'interrupted',
  },
};

/** The exit codes of a command, with their meanings. */
export function exitCodesOf(commandId: string): (readonly [ExitCode, string])[] {
  return Object.values(EXIT).flatMap((code) => {
    const text = MEANINGS[code][commandId] ?? MEANINGS[code]['every'];
    return text === undefined ? [] : [[code, text] as const];
  });
}
