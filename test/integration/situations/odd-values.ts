import { Long } from 'mongodb';
import type { Stage } from '../apply/stage.js';
import type { Situation } from './situation.js';
import { U2 } from './small-teams.js';

/** Planning itself refuses, and says where to look. */
const REFUSED = { teams: 'as it was', exit: 1 } as const;

/** A date that no JavaScript can hold, in a document that the plan removes. */
function datedImpossibly({ databases: { mongo } }: Stage): Promise<unknown> {
  return mongo
    .collection('user_roles')
    .updateMany({ user_id: U2, role_name: 'admin' }, [
      { $set: { seen: { $toDate: Long.fromString('9000000000000000') } } },
    ]);
}

const PROTO = `ALTER TABLE postgres_user_roles ADD "__proto__" text DEFAULT 'x'`;
const PROTO_REFUSED = { ...REFUSED, says: /column 13, __proto__, has a name that .*Rename the column/s };

/** A field that JavaScript takes for something else, in a document that the plan removes. */
function fieldOfPrototype({ databases: { mongo } }: Stage): Promise<unknown> {
  return mongo
    .collection('user_roles')
    .updateMany({ user_id: U2, role_name: 'admin' }, [
      { $replaceWith: { $mergeObjects: ['$$ROOT', { $arrayToObject: [[{ k: '__proto__', v: 1 }]] }] } },
    ]);
}

/** Values and types that cannot be written down, compared or put back: told with row and field, or column. */
export const ODD_VALUES: readonly Situation[] = [
  {
    name: 'a BSON date out of range, when the plan is made',
    given: datedImpossibly,
    // The user is blocked; the others are repaired.
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a BSON date out of range, since the plan was made',
    meanwhile: datedImpossibly,
    expected: {
      teams: 'as it was',
      exit: 5,
      says: /a0000000000001\w+.*cannot be written down.*see its seen/,
    },
  },
  { name: 'a column named __proto__, when the plan is made', given: PROTO, expected: PROTO_REFUSED },
  { name: 'a column named __proto__, since the plan was made', meanwhile: PROTO, expected: PROTO_REFUSED },
  {
    name: 'a field named __proto__, when the plan is made',
    given: fieldOfPrototype,
    // The user is blocked; the others are repaired.
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a field named __proto__, since the plan was made',
    meanwhile: fieldOfPrototype,
    expected: { teams: 'as it was', exit: 5, says: /cannot be written down.*see its __proto__/ },
  },
  {
    name: 'uuid for the number of a row',
    given: `ALTER TABLE postgres_user_roles ALTER id DROP DEFAULT, ALTER id TYPE uuid USING gen_random_uuid(),
      ALTER id SET DEFAULT gen_random_uuid()`,
    expected: { ...REFUSED, says: /id is uuid, not int2 or int4 or int8/ },
  },
  {
    name: 'a number of a row that is no whole one',
    given: 'ALTER TABLE postgres_user_roles ALTER id TYPE numeric(20,2)',
    expected: { ...REFUSED, says: /id is numeric, not int2/ },
  },
  {
    name: 'uuid for teams',
    given: 'ALTER TABLE postgres_user_roles ALTER team_id TYPE uuid USING gen_random_uuid()',
    expected: { ...REFUSED, says: /team_id is uuid, not varchar/ },
  },
  {
    name: 'a number for what is active',
    given: `DROP INDEX unique_active_user_team_role;
      ALTER TABLE postgres_user_roles ALTER is_active TYPE int USING is_active::int`,
    expected: { ...REFUSED, says: /is_active is int4, not bool/ },
  },
];
