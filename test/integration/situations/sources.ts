import type { Stage } from '../apply/stage.js';
import type { Situation } from './situation.js';
import { TEAMS } from './small-teams.js';
import { ObjectId } from 'mongodb';

/** Apply refuses before it writes anything. */
const REFUSED = { teams: 'as it was', exit: 4 } as const;

/** Nothing of what was reviewed is there any more. */
const DRIFTED = { teams: 'as it was', exit: 3 } as const;

function without(collection: string, filter: object = {}) {
  return ({ databases: { mongo } }: Stage): Promise<unknown> =>
    mongo.collection(collection).deleteMany(filter);
}
const some = (count: number) => ({ _id: { $in: TEAMS.slice(0, count).map((id) => new ObjectId(id)) } });

/** What decides over roles is gone: a restore that failed, another backend's database. */
export const SOURCES: readonly Situation[] = [
  {
    name: 'no team at all',
    given: without('teams'),
    expected: { ...REFUSED, says: /there is no team:.*--allow-empty-source/s },
  },
  {
    name: 'no membership at all',
    given: without('user_team_details'),
    expected: { ...REFUSED, says: /there is no active membership:.*--allow-empty-source/s },
  },
  {
    name: 'memberships of which none is active',
    given: ({ databases: { mongo } }) =>
      mongo.collection('user_team_details').updateMany({}, { $set: { is_active: false } }),
    expected: { ...REFUSED, says: /there is no active membership/ },
  },
  {
    name: 'more than half of the teams with roles without a document',
    given: without('teams', some(2)),
    expected: { ...REFUSED, says: /more than half of the teams that hold roles have no document/ },
  },
  {
    name: 'less than half of the teams with roles without a document',
    given: without('teams', some(1)),
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'no team at all, which is allowed',
    given: without('teams'),
    applying: { emptySource: 'allow', maxRemovals: { kind: 'rows', rows: 12 } },
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'more to be taken away than a small store allows',
    given: without('teams'),
    applying: { emptySource: 'allow' },
    expected: { ...REFUSED, says: /12 removals in mongo, but at most 10.*--max-removals 12/s },
  },
  {
    name: 'no team any more since the plan was made',
    meanwhile: without('teams'),
    expected: { ...DRIFTED, says: /"found":\{"state":"missing"/ },
  },
  {
    name: 'no membership any more since the plan was made',
    meanwhile: without('user_team_details'),
    expected: { ...DRIFTED, says: /"about":"membership"/ },
  },
];
