import { Failure } from '../../model/failure.js';
import type { Block, Finding } from '../../model/finding.js';
import { FORMAT_VERSION } from '../../model/format-version.js';
import type { SourceDoubt } from '../../model/safeguards.js';
import type { Team } from '../../model/team.js';
import { withoutHostileCharacters } from '../../model/text.js';
import { inConcernOrder } from './concern-order.js';
import { Digest } from '../digest.js';
import {
  concernLine,
  decisionLine,
  digestLine,
  headerLines,
  LINE_BYTES_MAX,
  LIST_END,
  listStart,
  SEPARATOR,
  TEAM_END,
  teamStart,
} from './layout.js';
import { PeopleTally } from './people.js';
import {
  blockSchema,
  findingSchema,
  PLAN_FORMAT,
  planHeaderSchema,
  type PlanHeader,
  type PlanTeam,
  type Summary,
} from './schema.js';
import type { PlanSink } from '../sink.js';
import { newSorter } from '../sorter.js';
import { openSpool, type Spool } from '../spool.js';
import { SummaryTally, type Scanned } from './summary-tally.js';

type Known<Header> = Header extends unknown ? Omit<Header, 'format' | 'formatVersion' | 'summary'> : never;

/** What the writer learns only at the end of planning; the rest of the summary it counts itself. */
export interface PlanRest extends Scanned {
  readonly header: Known<PlanHeader>;
  /** Why the databases may not belong together. */
  readonly doubts: readonly SourceDoubt[];
}

/** A team to be written. */
export interface NewPlanTeam extends Pick<PlanTeam, 'decisions'> {
  readonly team: Team;
  /** How many people hold an active role in it now. */
  readonly holders: number;
}

/**
 * Lays decisions out as a plan file, in bounded memory: everything waits in private temporary files until `finish`,
 * because header and summary come first. Await every call; end with `finish` or `discard`.
 */
export class PlanWriter {
  readonly #lists: Lists;
  readonly #findings = newSorter(findingSchema, inConcernOrder);
  readonly #blocked = newSorter(blockSchema, inConcernOrder);
  readonly #tally = new SummaryTally();
  #lastTeam: string | undefined;

  constructor(lists: Lists) {
    this.#lists = lists;
  }

  /** Findings and blocks come in any order; duplicates are written once. */
  finding(finding: Finding): Promise<void> {
    return this.#findings.add(finding);
  }

  block(block: Block): Promise<void> {
    return this.#blocked.add(block);
  }

  /**
   * Teams come by ascending id, existing and missing ones interleaved, each with at least one decision; users of a team
   * by ascending id. Hostile characters in the name are replaced by U+FFFD.
   *
   * @throws Error for a wrong order, a programming error; Failure (operational) where a line is too long to be read back
   */
  async team({ team, holders, decisions }: NewPlanTeam): Promise<void> {
    if (this.#lastTeam !== undefined && team.id <= this.#lastTeam) throw new Error('teams came out of order');
    this.#lastTeam = team.id;
    if (decisions.length === 0) throw new Error('a team came without a decision');
    const list = team.state === 'missing' ? this.#lists.missing : this.#lists.existing;
    const name = team.name === null ? null : withoutHostileCharacters(team.name);
    const tally = new PeopleTally();
    for (const decision of decisions) tally.add(decision);
    // Without a snapshot a store may have changed between the two counts, and the reader demands no less.
    const people = tally.of(Math.max(holders, tally.holding));
    const head = teamStart({ ...team, name, people });
    await list.begin(`${withinLimit(head, team.id)}\n`);
    let lastUser: string | undefined;
    for (const decision of decisions) {
      if (lastUser !== undefined) {
        if (decision.user <= lastUser) throw new Error('users came out of order');
        await list.spool.append(SEPARATOR);
      }
      lastUser = decision.user;
      await list.spool.append(withinLimit(decisionLine(decision), team.id));
      this.#tally.decision(decision);
    }
    await list.spool.append(`\n${TEAM_END}`);
    this.#tally.team();
  }

  /** Writes and commits the whole plan; discards the sink where that fails. */
  async finish(rest: PlanRest, out: PlanSink): Promise<{ digest: string; summary: Summary }> {
    try {
      const { findings, blocked, existing, missing } = this.#lists;
      for await (const finding of this.#findings.sorted()) {
        this.#tally.finding(finding.code);
        await findings.begin(concernLine(finding));
      }
      for await (const block of this.#blocked.sorted()) {
        this.#tally.block(block.code);
        await blocked.begin(concernLine(block));
      }
      const source = rest.doubts.length > 0 ? 'doubted' : 'trusted';
      const summary = this.#tally.summary(rest, { ...rest.header, source });
      const format = { format: PLAN_FORMAT, formatVersion: FORMAT_VERSION };
      // Parsing puts every key where the schema has it.
      const header = planHeaderSchema.parse({ ...rest.header, ...format, summary });
      const digest = new Digest();
      const write = async (bytes: Uint8Array): Promise<void> => {
        digest.update(bytes);
        await out.write(bytes);
      };
      const lines = async (...texts: string[]): Promise<void> =>
        write(Buffer.from(texts.map((text) => `${text}\n`).join('')));
      const items = async (...lists: ItemList[]): Promise<void> => {
        for await (const bytes of joined(lists)) await write(bytes);
      };
      await lines(...headerLines(header), listStart('findings'));
      await items(findings);
      await lines(LIST_END, listStart('blocked'));
      await items(blocked);
      await lines(LIST_END, listStart('teams'));
      await items(existing, missing);
      await lines(LIST_END);
      const written = digest.finish();
      await out.write(Buffer.from(`${digestLine(written)}\n`));
      await out.commit();
      return { digest: written, summary };
    } catch (error) {
      await out.discard();
      throw error;
    } finally {
      await this.discard();
    }
  }

  /** Frees the temporary files; safe to call at any time, also after `finish`. */
  async discard(): Promise<void> {
    for (const { spool } of Object.values(this.#lists)) await spool.close();
    await this.#findings.close();
    await this.#blocked.close();
  }
}

/** @throws Failure (operational) where no temporary file can be made */
export async function openPlanWriter(): Promise<PlanWriter> {
  const spools: Spool[] = [];
  const opened = async (): Promise<ItemList> => {
    const spool = await openSpool();
    spools.push(spool);
    return new ItemList(spool);
  };
  try {
    return new PlanWriter({
      findings: await opened(),
      blocked: await opened(),
      existing: await opened(),
      missing: await opened(),
    });
  } catch (error) {
    for (const spool of spools) await spool.close();
    throw error;
  }
}

type Lists = Readonly<Record<'findings' | 'blocked' | 'existing' | 'missing', ItemList>>;

/** The items of one list. They wait in a private temporary file, because the header comes first. */
class ItemList {
  readonly spool: Spool;
  empty = true;

  constructor(spool: Spool) {
    this.spool = spool;
  }

  begin(text: string): Promise<void> {
    const item = this.empty ? text : SEPARATOR + text;
    this.empty = false;
    return this.spool.append(item);
  }
}

/** The bytes of several lists as one, with the line break after the last item. */
async function* joined(lists: readonly ItemList[]): AsyncIterable<Buffer> {
  const filled = lists.filter((list) => !list.empty);
  for (const [index, { spool }] of filled.entries()) {
    if (index > 0) yield Buffer.from(SEPARATOR);
    yield* spool.read();
  }
  if (filled.length > 0) yield Buffer.from('\n');
}

/** Whether a decision's line is short enough to be read back. An undo holds each row twice. */
export function isWritable(decision: Parameters<typeof decisionLine>[0]): boolean {
  return isWithinLimit(decisionLine(decision));
}

function isWithinLimit(line: string): boolean {
  // A UTF-16 code unit takes at most three bytes.
  return line.length * 3 <= LINE_BYTES_MAX || Buffer.byteLength(line) <= LINE_BYTES_MAX;
}

function withinLimit(line: string, team: string): string {
  if (isWithinLimit(line)) return line;
  throw new Failure('operational', {
    doing: `writing the plan of team ${team}`,
    problem: `its name or the rows of one user take more than ${LINE_BYTES_MAX} bytes, which nobody could read back`,
    next: `Look at the rows of this team, or leave it out: --exclude-team ${team}.`,
  });
}
