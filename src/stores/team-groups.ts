import { Failure } from '../model/failure.js';

/** Consecutive rows of one team; a row whose team is not legible stands alone, with `team` null. */
export interface TeamGroup<Row> {
  readonly team: string | null;
  readonly rows: readonly Row[];
}

/**
 * Cuts a stream of rows sorted by team into its teams.
 *
 * @param parse undefined: this is no row
 * @param passes rows of other teams are left out
 * @throws {Failure} operational, where the rows are not sorted by team in order of code units
 */
export async function* groupByTeam<Raw, Row extends { readonly team: string | null }>(
  batches: AsyncIterable<readonly Raw[]>,
  parse: (raw: Raw) => Row | undefined,
  passes: (team: string) => boolean,
): AsyncGenerator<TeamGroup<Row>, undefined, undefined> {
  let group: { readonly team: string; readonly rows: Row[]; readonly wanted: boolean } | undefined;
  for await (const batch of batches) {
    for (const raw of batch) {
      const row = parse(raw);
      if (row === undefined) continue;
      if (row.team === null) {
        yield { team: null, rows: [row] };
      } else if (row.team === group?.team) {
        if (group.wanted) group.rows.push(row);
      } else {
        if (group !== undefined && row.team < group.team) throw outOfOrder(group.team, row.team);
        if (group?.wanted === true) yield group;
        const wanted = passes(row.team);
        group = { team: row.team, rows: wanted ? [row] : [], wanted };
      }
    }
  }
  if (group?.wanted === true) yield group;
}

/** Merges streams in ascending order of teams: the groups of one team become one group. */
export async function* mergeGroups<Row>(
  streams: readonly AsyncGenerator<TeamGroup<Row>, undefined, undefined>[],
): AsyncGenerator<TeamGroup<Row>, undefined, undefined> {
  const heads = streams.map((stream) => new GroupHead(stream));
  try {
    await Promise.all(heads.map((head) => head.advance()));
    for (;;) {
      for (const head of heads) yield* head.illegible();
      const team = lowestTeam(heads);
      if (team === undefined) return;
      const groups = [];
      for (const head of heads) groups.push(await head.take(team));
      const [first = [], ...others] = groups.filter((rows) => rows.length > 0);
      yield { team, rows: others.length === 0 ? first : first.concat(...others) };
    }
  } finally {
    await Promise.all(heads.map((head) => head.close()));
  }
}

export class GroupHead<Row> {
  readonly #stream: AsyncGenerator<TeamGroup<Row>, undefined, undefined>;
  #head: TeamGroup<Row> | undefined;

  constructor(stream: AsyncGenerator<TeamGroup<Row>, undefined, undefined>) {
    this.#stream = stream;
  }

  /** Undefined at the end of the stream, null at rows without a legible team. */
  get team(): string | null | undefined {
    return this.#head?.team;
  }

  /** Must also be called before the first group. */
  async advance(): Promise<void> {
    this.#head = (await this.#stream.next()).value;
  }

  /** Yields and passes the rows without a legible team that come next. */
  async *illegible(): AsyncGenerator<TeamGroup<Row>, undefined, undefined> {
    while (this.#head?.team === null) {
      yield this.#head;
      await this.advance();
    }
  }

  async skipIllegible(): Promise<void> {
    while (this.#head?.team === null) await this.advance();
  }

  /** The team's rows if it comes next, else none. */
  async take(team: string): Promise<readonly Row[]> {
    if (this.#head?.team !== team) return [];
    const { rows } = this.#head;
    await this.advance();
    return rows;
  }

  async close(): Promise<void> {
    await this.#stream.return(undefined);
  }
}

/** The lowest team among the next groups; undefined once all streams have ended. */
export function lowestTeam(
  heads: readonly { readonly team: string | null | undefined }[],
): string | undefined {
  let lowest: string | undefined;
  for (const { team } of heads) {
    if (typeof team === 'string' && (lowest === undefined || team < lowest)) lowest = team;
  }
  return lowest;
}

function outOfOrder(before: string, after: string): Failure {
  return new Failure('operational', {
    doing: 'reading the teams in order',
    problem: `a database gave team ${after} after team ${before}`,
    next: 'Look for a collation of the collections or of the team id column that does not order ids by their characters.',
  });
}
