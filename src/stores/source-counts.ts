import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { SourceCounts } from '../model/safeguards.js';
import type { MongoConnection } from './mongo/connection.js';
import { readFailure } from './read-failure.js';

/**
 * Counts what decides over roles in MongoDB. It looks for one team and one membership, no more.
 *
 * @param holders `count` reads all active roles for their teams; `skip` assumes one team, with a document
 * @throws {Failure} operational: MongoDB cannot be read
 */
export async function readSourceCounts(
  { db, address }: MongoConnection,
  { mongo: { collections, memberships, roles } }: Mapping,
  holders: 'count' | 'skip',
): Promise<SourceCounts> {
  const one = { limit: 1, promoteValues: true } as const;
  const withTeam = (field: string) => ({
    $lookup: { from: collections.teams, localField: field, foreignField: '_id', as: field },
  });
  const isMissing = { $cond: [{ $eq: ['$documents', 0] }, 1, 0] };
  const pipeline = [
    { $match: { [roles.scope]: TEAM_SCOPE, [roles.active]: true } },
    { $group: { _id: { $toString: `$${roles.team}` } } },
    { $set: { text: '$_id', oid: { $convert: { input: '$_id', to: 'objectId', onError: null } } } },
    withTeam('text'),
    withTeam('oid'),
    { $set: { documents: { $add: [{ $size: '$text' }, { $size: '$oid' }] } } },
    { $group: { _id: null, holding: { $sum: 1 }, missing: { $sum: isMissing } } },
  ];
  try {
    const teams = await db.collection(collections.teams).countDocuments({}, one);
    const members = await db
      .collection(collections.memberships)
      .countDocuments({ [memberships.active]: true }, one);
    if (holders === 'skip') return { teams, memberships: members, holding: 1, missing: 0 };
    const [found] = await db
      .collection(collections.roles)
      .aggregate<{ holding: number; missing: number }>(pipeline, { promoteValues: true })
      .toArray();
    return { teams, memberships: members, holding: found?.holding ?? 0, missing: found?.missing ?? 0 };
  } catch (error) {
    throw readFailure(error, 'MongoDB', address);
  }
}
