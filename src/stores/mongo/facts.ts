import { ObjectId, type Document } from 'mongodb';
import { isHexId } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import type { IdWidths } from '../id-widths.js';
import { membershipRowParser, type StoredMembership } from './membership-row.js';
import { teamRowParser, type StoredTeam } from './team-row.js';
import { mongoRoleRowParser, type StoredMongoRow } from './role-row.js';
import type { MongoFind, MongoSnapshot } from './snapshot.js';
import { groupByTeam, mergeGroups, type TeamGroup } from '../team-groups.js';

type Groups<Row> = AsyncGenerator<TeamGroup<Row>, undefined, undefined>;

/** The teams' documents in MongoDB, each stream in ascending order of team ids. */
export interface MongoFacts {
  readonly teams: Groups<StoredTeam>;
  readonly memberships: Groups<StoredMembership>;
  readonly roles: Groups<StoredMongoRow>;
}

/** Which teams to read, as conditions on a field that holds strings and ObjectIds. */
interface TeamRanges {
  readonly asStrings: unknown;
  readonly asObjectIds: unknown;
  /** Everything else; undefined if unwanted. */
  readonly illegible: unknown;
}

/**
 * Streams teams, memberships and roles. A mixed field sorts all strings before ObjectIds, so each kind has its own
 * cursor, and the streams are merged.
 *
 * @param teams only these; null: all, and also the rows without a legible team
 */
export function readMongoFacts(
  snapshot: MongoSnapshot,
  mapping: Mapping,
  widths: IdWidths,
  teams: readonly string[] | null,
  passes: (team: string) => boolean,
): MongoFacts {
  const { collections, memberships, roles, teams: team } = mapping.mongo;
  const ranges = teams === null ? ALL_TEAMS : rangesOf(teams);

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
  const parseMembership = membershipRowParser(mapping, widths);
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
        filter: { [memberships.active]: true },
        fields: ['_id', memberships.team, memberships.user, memberships.active],
      },
      memberships.team,
      // The filter also takes an array that holds `true`.
      (bytes) => activeOnly(parseMembership(bytes)),
    ),
    roles: groups(
      // Whole documents, for the images of changed rows.
      { collection: collections.roles, filter: { [roles.scope]: TEAM_SCOPE, [roles.active]: true } },
      roles.team,
      (bytes) => {
        const row = activeOnly(parseRole(bytes));
        return row?.scope === TEAM_SCOPE ? row : undefined;
      },
    ),
  };
}

function activeOnly<Row extends { readonly active: boolean }>(row: Row): Row | undefined {
  return row.active ? row : undefined;
}

// A comparison finds only values of its own type. Together these three find every document.
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
