import { parseArgs } from 'node:util';

/** What is measured, and how often. */
export interface BenchOptions {
  /** Teams of the largest data set; the others have a tenth and a hundredth of it. */
  readonly teams: number;
  /** Members of each team. */
  readonly members: number;
  /** The share of teams with something to repair, from 0 to 1. */
  readonly broken: number;
  readonly seed: number;
  /** How often each measurement is repeated; the medians count. */
  readonly rounds: number;
  /** Changes of the plan that is written, verified and shown. */
  readonly planChanges: number;
  readonly form: 'table' | 'json';
}

/** @throws Error for an unknown flag or a number that is none */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      teams: { type: 'string', default: '10000' },
      members: { type: 'string', default: '10' },
      broken: { type: 'string', default: '0.05' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      'plan-changes': { type: 'string', default: '1000000' },
      json: { type: 'boolean', default: false },
    },
  });
  const whole = (flag: keyof typeof values, least: number): number => {
    const number = Number(values[flag]);
    if (!Number.isSafeInteger(number) || number < least)
      throw new Error(`--${flag} must be a whole number of at least ${least}`);
    return number;
  };
  const broken = Number(values.broken);
  if (!(broken >= 0 && broken <= 1)) throw new Error('--broken must be a share from 0 to 1');
  return {
    teams: whole('teams', 100),
    members: whole('members', 2),
    broken,
    seed: whole('seed', 0),
    rounds: whole('rounds', 1),
    planChanges: whole('plan-changes', 1),
    form: values.json ? 'json' : 'table',
  };
}
