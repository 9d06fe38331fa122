import type { FIELD_CODES, OddField } from '../model/finding.js';
import type { Read } from './facts-reader.js';
import { teamFacts, type ImageOf, type TeamRows } from './team-facts.js';
import type { TeamGroup, TeamGroups } from './team-groups.js';

/**
 * Joins streams in ascending order of teams: the groups of one team become its facts. A team that only roles name is
 * *missing*; memberships alone make no team.
 */
export async function* mergeTeams(
  streams: readonly TeamGroups[],
  postgresImage: ImageOf,
): AsyncGenerator<Read, undefined, undefined> {
  const heads = streams.map((stream) => new Head(stream));
  try {
    await Promise.all(heads.map((head) => head.advance()));
    for (;;) {
      for (const head of heads) {
        while (head.next?.team === null) {
          yield* findings(head.next.rows);
          await head.advance();
        }
      }
      const team = lowestTeam(heads);
      if (team === undefined) return;
      const parts: Partial<TeamRows>[] = [];
      for (const head of heads) {
        if (head.next?.team !== team) continue;
        parts.push(head.next.rows);
        await head.advance();
      }
      const rows: TeamRows = {
        teams: parts.flatMap(({ teams = [] }) => teams),
        memberships: parts.flatMap(({ memberships = [] }) => memberships),
        mongo: parts.flatMap(({ mongo = [] }) => mongo),
        postgres: parts.flatMap(({ postgres = [] }) => postgres),
      };
      if (rows.teams.length + rows.mongo.length + rows.postgres.length > 0)
        yield { kind: 'team', team: teamFacts(team, rows, postgresImage) };
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.return(undefined)));
  }
}

/** Where a stream stands: `next` is undefined at its end. */
class Head {
  readonly #stream: TeamGroups;
  next: TeamGroup | undefined;

  constructor(stream: TeamGroups) {
    this.#stream = stream;
  }

  async advance(): Promise<void> {
    this.next = (await this.#stream.next()).value;
  }
}

/** Undefined once all streams have ended. */
function lowestTeam(heads: readonly Head[]): string | undefined {
  let lowest: string | undefined;
  for (const { next } of heads) {
    if (typeof next?.team === 'string' && (lowest === undefined || next.team < lowest)) lowest = next.team;
  }
  return lowest;
}

/**
 * A row whose team is illegible can be put to no team's account; row and field are named, and its user where that can be
 * read. A document in `teams` without a legible id is no team: no row can name it.
 */
function* findings({ memberships = [], mongo = [], postgres = [] }: Partial<TeamRows>): Iterable<Read> {
  const told = (code: (typeof FIELD_CODES)[number], user: string | null, odd: OddField): Read => ({
    kind: 'finding',
    finding: { code, team: null, user, ...odd },
  });
  for (const { user, malformed, odd } of memberships) {
    if (odd !== null) yield told('odd-membership', user, odd);
    for (const field of malformed) yield told('malformed-membership', user, field);
  }
  for (const { user, malformed } of [...mongo, ...postgres])
    for (const field of malformed) yield told('malformed-row', user, field);
}
