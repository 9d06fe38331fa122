import type { PostgresImage } from '../model/decision.js';
import type { FIELD_CODES, OddField } from '../model/finding.js';
import type { Read } from './facts-reader.js';
import type { MongoFacts } from './mongo/facts.js';
import type { StoredPostgresRow } from './postgres/role-row.js';
import { teamFacts } from './team-facts.js';
import { GroupHead, lowestTeam, type TeamGroup } from './team-groups.js';

/** The streams of both stores. */
export interface StoreStreams extends MongoFacts {
  readonly postgres: AsyncGenerator<TeamGroup<StoredPostgresRow>, undefined, undefined>;
}

/**
 * Brings together what the streams say of each team. A team that only role rows name is *missing*; memberships alone
 * make no team. At most one team is held, besides what the streams have read ahead.
 */
export async function* mergeTeams(
  streams: StoreStreams,
  postgresImage: (row: StoredPostgresRow) => PostgresImage,
): AsyncGenerator<Read, undefined, undefined> {
  const teams = new GroupHead(streams.teams);
  const memberships = new GroupHead(streams.memberships);
  const mongo = new GroupHead(streams.roles);
  const postgres = new GroupHead(streams.postgres);
  const heads = [teams, memberships, mongo, postgres];
  try {
    await Promise.all(heads.map((head) => head.advance()));
    for (;;) {
      // A document in `teams` whose id is none is nobody's team: no row can name it.
      await teams.skipIllegible();
      yield* findings(memberships, 'malformed-membership');
      yield* findings(mongo, 'malformed-row');
      yield* findings(postgres, 'malformed-row');
      const team = lowestTeam([teams, mongo, postgres]);
      const members = memberships.team;
      if (typeof members === 'string' && (team === undefined || members < team)) {
        await memberships.advance();
        continue;
      }
      if (team === undefined) return;
      const rows = {
        teams: await teams.take(team),
        memberships: await memberships.take(team),
        mongo: await mongo.take(team),
        postgres: await postgres.take(team),
      };
      yield { kind: 'team', team: teamFacts(team, rows, postgresImage) };
    }
  } finally {
    await Promise.all(heads.map((head) => head.close()));
  }
}

interface IllegibleRow {
  readonly user: string | null;
  readonly malformed: readonly OddField[];
  readonly odd?: OddField | null;
}

/** A row whose team is illegible can be put to no team's account; row and field are named, and its user where that can be read. */
async function* findings(
  head: GroupHead<IllegibleRow>,
  code: (typeof FIELD_CODES)[number],
): AsyncGenerator<Read, undefined, undefined> {
  for await (const { rows } of head.illegible()) {
    for (const { user, malformed, odd } of rows) {
      if (odd) yield { kind: 'finding', finding: { code: 'odd-membership', team: null, user, ...odd } };
      for (const odd of malformed) yield { kind: 'finding', finding: { code, team: null, user, ...odd } };
    }
  }
}
