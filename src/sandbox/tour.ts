import { ObjectId } from 'bson';
import { MongoClient } from 'mongodb';
import { fatima, goran, hana, ines, jonas } from './sample-case.js';
import { sampleCases } from './sample-data.js';
import type { Sandbox } from './sandbox.js';

/** One station of `sandbox demo`: a command that is really run, and the words around it. */
export interface Station {
  readonly title: string;
  /** Said before the command runs. */
  readonly about: string;
  /** The command line without `fix-roles`. */
  readonly args: readonly string[];
  /** The exit code that the command must have, or the demo has failed. */
  readonly exitCode: number;
  /** Said below the output: what to look at in it. */
  readonly look: string;
  /** What the application does while the command runs; the result takes it back. */
  readonly meanwhile?: (sandbox: Sandbox) => Promise<() => Promise<void>>;
}

/** Somebody in the team of the tour; the databases know people only by id. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly trouble: string;
}

/** The people of the sample case that the tour looks at, the Sailing School. */
export const PEOPLE: readonly Person[] = [
  { id: fatima, name: 'Fatima', trouble: 'founded it, and is neither owner nor admin of it' },
  { id: goran, name: 'Goran', trouble: 'a plain member, is owner and admin' },
  { id: hana, name: 'Hana', trouble: 'a member, unknown to PostgreSQL' },
  { id: ines, name: 'Ines', trouble: 'has left it, and is admin still' },
  { id: jonas, name: 'Jonas', trouble: 'never belonged to it, and is owner in PostgreSQL' },
];

/** From two databases that have drifted apart to two that agree. */
export function tour(): readonly Station[] {
  const { teamId, membership } = formerMember();
  return [
    {
      title: 'Plan: write down what would repair them',
      about: 'Reads both databases, each at one point in time, and writes to neither. The result is a file.',
      // Quiet, because `show` begins with the same words.
      args: ['plan', '-q', '-o', 'plan.json'],
      exitCode: 0,
      look: 'Quiet, as -q asks. The file has every change, its reason, and the facts that it rests on.',
    },
    {
      title: 'Show: read it before anything happens',
      about: 'Every change with the rule that demands it. This is the Sailing School.',
      args: ['show', 'plan.json', '--team', teamId],
      exitCode: 0,
      look:
        'Roles taken away come first: those of Goran, Ines and Jonas. Then what Fatima and Hana are missing. ' +
        'Colleagues review this file in a pull request.',
    },
    {
      title: 'Drift: the world moves on while they review it',
      about: 'Ines has just joined the Sailing School again. Is the plan still right?',
      args: ['verify', 'plan.json'],
      exitCode: 3,
      look:
        'Not for this team: planned (-) and found (+) stand side by side, the exit code is 3, and apply would ' +
        'have written nothing. Now Ines leaves once more, and the plan holds again.',
      meanwhile: async (sandbox) => {
        await setActive(membership, true, sandbox);
        return () => setActive(membership, false, sandbox);
      },
    },
    {
      title: 'Apply: do what was reviewed, and nothing else',
      about:
        'Checks every team once more, then writes one team at a time, in one transaction in each database. ' +
        'Killed half-way? The same command again finishes the job.',
      args: ['apply', 'plan.json', '--yes'],
      exitCode: 0,
      look: 'Without --yes it asks first. The receipt has every row as it was before and as it is now.',
    },
    {
      title: 'Undo: the way back, should you need it',
      about: 'From the receipt, the inverse plan. It is written down only: nothing is taken back here.',
      args: ['revert', 'plan.json.receipt.jsonl', '-o', 'undo.json'],
      exitCode: 0,
      look: 'Where apply deleted, this inserts. It would be reviewed and applied like any other plan.',
    },
    {
      title: 'Plan again: nothing is left to do',
      about: 'With --detailed-exitcode it would end with 2 if there were anything to change.',
      args: ['plan', '--detailed-exitcode', '-o', 'after.json'],
      exitCode: 0,
      look:
        'Only a person can judge what is blocked: it is listed, never guessed at. Run this every night to learn ' +
        'of new drift.',
    },
  ];
}

/** What to do with real databases: command lines without `fix-roles`, and what each is for. */
export const IN_EARNEST: readonly (readonly [args: readonly string[], does: string])[] = [
  [['doctor'], 'says what stands in the way'],
  [['plan', '-o', 'plan.json'], 'reads both, writes to neither'],
  [['show', 'plan.json'], 'for you and your colleagues'],
  [['apply', 'plan.json', '--limit', '3'], 'a few teams first; it asks before'],
];

const CASE = 'many-at-once';

/** The team of the sample data whose former member still holds roles in it, and the membership. */
function formerMember(): { readonly teamId: string; readonly membership: ObjectId } {
  const sample = sampleCases.find(({ name }) => name === CASE);
  const inactive = sample?.memberships.find((membership) => membership['is_active'] === false);
  const id: unknown = inactive?.['_id'];
  if (sample === undefined || !(id instanceof ObjectId)) throw new Error(`There is no sample case ${CASE}.`);
  return { teamId: sample.teamId, membership: id };
}

/** Does what the application does when the former member joins that team again, or leaves it once more. */
async function setActive(membership: ObjectId, is_active: boolean, { environment }: Sandbox): Promise<void> {
  const client = new MongoClient(environment.MONGODB_URI);
  try {
    const memberships = client.db(environment.DB_NAME).collection<{ _id: ObjectId }>('user_team_details');
    const { matchedCount } = await memberships.updateOne({ _id: membership }, { $set: { is_active } });
    if (matchedCount !== 1) throw new Error('The demo lost a membership of its sample data.');
  } finally {
    await client.close();
  }
}
