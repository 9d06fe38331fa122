import { ObjectId, type Document } from 'mongodb';
import { isHexId } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import type { Policy } from '../../model/policy.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import type { IdWidths } from '../id-widths.js';
import { membershipRowParser, type StoredMembership } from './membership-row.js';
import { teamRowParser, type StoredTeam } from './team-row.js';
import { mongoRoleRowParser, type StoredMongoRow } from './role-row.js';
import type { MongoFind, MongoSnapshot } from './snapshot.js';
import { groupByTeam, mergeGroups, type TeamGroup } from '../team-groups.js';

type Groups<Row> = AsyncGenerator<TeamGroup<Row>, undefined, undefined>;

/** What MongoDB says of the teams, each stream in ascending order of team ids. */
export interface MongoFacts {
  readonly teams: Groups<StoredTeam>;
  /** Active ones, and those that do not say whether they are. */
  readonly memberships: Groups<StoredMembership>;
  /** Active ones of scope TEAM. */
  readonly roles: Groups<StoredMongoRow>;
}

/** Which teams to read, as values of a field that holds strings and ObjectIds. */
interface TeamRanges {
  readonly asStrings: unknown;
  readonly asObjectIds: unknown;
  /** Everything else; undefined where it is not looked for. */
  readonly illegible: unknown;
}

/**
 * Streams teams, memberships and roles. Ids stand as strings or as ObjectIds, and in the order of a mixed field all
 * strings come first: so each kind is read by a cursor of its own, and the two are merged.
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
): MongoFacts {
  const { collections, memberships, roles, teams: team } = mapping.mongo;
  const ranges = teams === null ? ALL_TEAMS : rangesOf(teams);

  /** All documents of a collection by team, with a legible team in one of the two forms, or in neither. */
  function groups<Row extends { readonly team: string | null }>(
    find: Omit<MongoFind, 'sortBy'>,
    teamField: string,
    parse: (bytes: Buffer) => Row | undefined,
  ): Groups<Row> {
    const within = (range: unknown): Document => ({ ...find.filter, [teamField]: range });
    const sorted = [ranges.asStrings, ranges.asObjectIds].map((range) => ({
      ...find,
      filter: within(range),
      sortBy: teamField,
    }));
    const rest = ranges.illegible === undefined ? [] : [{ ...find, filter: within(ranges.illegible) }];
    return mergeGroups([...sorted, ...rest].map((one) => groupByTeam(snapshot.batches(one), parse, passes)));
  }

  const parseTeam = teamRowParser(mapping, widths);
  const parseMembership = membershipRowParser(mapping, widths, activeValues);
  const parseRole = mongoRoleRowParser(mapping, widths);
  return {
    teams: groups(
      {
        collection: collections.teams,
        filter: {},
        fields: ['_id', team.name, team.createdBy, team.isDeleted],
      },
      '_id',
      parseTeam,
    ),
    memberships: groups(
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
    ),
    roles: groups(
      // Whole documents, for the images of the rows that will be changed.
      { collection: collections.roles, filter: { [roles.scope]: TEAM_SCOPE, [roles.active]: true } },
      roles.team,
      (bytes) => {
        const row = parseRole(bytes);
        // The filter would also take an array that holds `true`.
        return row.active && row.scope === TEAM_SCOPE ? row : undefined;
      },
    ),
  };
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
