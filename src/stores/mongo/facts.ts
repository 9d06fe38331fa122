import { ObjectId, type Document } from 'mongodb';
import { isHexId, type IdWidths } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import type { Policy } from '../../model/policy.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import { membershipRowParser } from './membership-row.js';
import { teamRowParser } from './team-row.js';
import { mongoRoleRowParser } from './role-row.js';
import type { MongoFind, MongoSnapshot } from './snapshot.js';
import type { TeamRows } from '../team-facts.js';
import { groupByTeam, type TeamGroups } from '../team-groups.js';

/** Which teams to read, as conditions on a field that holds strings and ObjectIds. */
interface TeamRanges {
  readonly asStrings: unknown;
  readonly asObjectIds: unknown;
  /** Everything else; undefined if unwanted. */
  readonly illegible: unknown;
}

/**
 * Streams teams, memberships (active ones, and those that do not say whether they are) and roles, each stream in
 * ascending order of team ids. A mixed field sorts all strings before ObjectIds, so each kind has its own stream.
 *
 * @param teams only these; null: all, and also the rows whose team is neither
 * @param passes whether a team is wanted
 * @param activeValues what counts as active in memberships
 */
export function readMongoFacts(
  snapshot: MongoSnapshot,
  mapping: Mapping,
  widths: IdWidths,
  teams: readonly string[] | null,
  passes: (team: string) => boolean,
  activeValues: Policy['activeValues'],
): TeamGroups[] {
  const { collections, memberships, roles, teams: team } = mapping.mongo;
  const ranges = teams === null ? ALL_TEAMS : rangesOf(teams);

  function groups<Row extends { readonly team: string | null }>(
    find: Omit<MongoFind, 'sortBy'>,
    teamField: string,
    parse: (bytes: Buffer) => Row | undefined,
    as: (rows: readonly Row[]) => Partial<TeamRows>,
  ): TeamGroups[] {
    const within = (range: unknown): Document => ({ ...find.filter, [teamField]: range });
    const sorted = [ranges.asStrings, ranges.asObjectIds].map((range) => ({
      ...find,
      filter: within(range),
      sortBy: teamField,
    }));
    const rest = ranges.illegible === undefined ? [] : [{ ...find, filter: within(ranges.illegible) }];
    return [...sorted, ...rest].map((one) => groupByTeam(snapshot.batches(one), parse, passes, as));
  }

  const parseMembership = membershipRowParser(mapping, widths, activeValues);
  const parseRole = mongoRoleRowParser(mapping, widths);
  return [
    ...groups(
      {
        collection: collections.teams,
        filter: {},
        fields: ['_id', team.name, team.createdBy, team.isDeleted],
      },
      '_id',
      teamRowParser(mapping, widths),
      (rows) => ({ teams: rows }),
    ),
    ...groups(
      {
        collection: collections.memberships,
        filter: { $nor: [{ [memberships.active]: { $eq: false, $not: { $type: 'array' } } }] },
        fields: ['_id', memberships.team, memberships.user, memberships.active],
      },
      memberships.team,
      (bytes) => {
        const membership = parseMembership(bytes);
        return membership.active || membership.odd !== null ? membership : undefined;
      },
      (rows) => ({ memberships: rows }),
    ),
    ...groups(
      // Whole documents, for the images of changed rows.
      { collection: collections.roles, filter: { [roles.scope]: TEAM_SCOPE, [roles.active]: true } },
      roles.team,
      (bytes) => {
        const row = parseRole(bytes);
        // The filter would also take an array that holds `true`.
        return row.active && row.scope === TEAM_SCOPE ? row : undefined;
      },
      (rows) => ({ mongo: rows }),
    ),
  ];
}

// A comparison looks at values of its own type only. Together the three find every document there is.
const ALL_TEAMS: TeamRanges = {
  asStrings: { $gte: '' },
  asObjectIds: { $gte: ObjectId.createFromHexString('0'.repeat(24)) },
  illegible: { $not: { $type: ['string', 'objectId'] } },
};

function rangesOf(teams: readonly string[]): TeamRanges {
  return {
    asStrings: { $in: [...teams] },
    asObjectIds: { $in: teams.filter(isHexId).map((team) => ObjectId.createFromHexString(team)) },
    illegible: undefined,
  };
}
