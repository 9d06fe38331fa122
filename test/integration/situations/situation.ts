import type { Policy } from '../../../src/model/policy.js';
import type { Applying, Stage } from '../apply/stage.js';

/** Something done to the databases: statements for PostgreSQL, or whatever else it takes. */
export type Step = string | ((stage: Stage) => Promise<unknown>);

/** How a team stands in one store after `apply`. Anything but the first two is a defect. */
export type TeamState = 'as planned' | 'as it was' | 'otherwise';

/**
 * One thing that real databases carry, and what `apply` has to make of it. To add one, write an entry into a table of this
 * folder; `situations.test.ts` measures all of them.
 */
export interface Situation {
  /** What hangs on the table; no two have the same. */
  readonly name: string;
  /** What not every server that speaks MongoDB's protocol has: without it, the situation cannot be made. */
  readonly needs?: Need;
  /** Before the plan is made; the three small teams are there already. */
  readonly given?: Step;
  /** A setting that all connections of the tool begin with. */
  readonly sessions?: string;
  /** Between the plan and its execution. */
  readonly meanwhile?: Step;
  /** Between the execution and its undo. */
  readonly afterwards?: Step;
  readonly policy?: Policy;
  /** What else `apply` is told. */
  readonly applying?: Applying;
  /** Tables, with schema, that the application's own triggers write: what they add there counts apart. */
  readonly application?: readonly string[];
  readonly expected: {
    /** Of all teams, or of each of the three. In both stores. */
    readonly teams: ExpectedState | readonly [ExpectedState, ExpectedState, ExpectedState];
    /** The exit code that the command line would end with. */
    readonly exit: 0 | 1 | 3 | 4 | 5;
    /** What the failure, or the problem of a failed team, has to say. */
    readonly says?: RegExp;
  };
}
/** `validators`: one that says what it wants; `collations`: indexes by the rules of a language. */
export type Need = 'validators' | 'collations';
export type ExpectedState = Exclude<TeamState, 'otherwise'>;

export async function take(step: Step | undefined, stage: Stage): Promise<void> {
  if (typeof step === 'string') await stage.databases.pg.query(step);
  else await step?.(stage);
}

/** A setting that connections made from now on begin with. */
export async function forEverySession({ databases }: Stage, setting: string): Promise<void> {
  const { pg: client, postgresDb } = databases;
  await client.query(`ALTER DATABASE ${client.escapeIdentifier(postgresDb)} SET ${setting}`);
}
