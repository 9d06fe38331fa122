import type { z } from 'zod';
import { Failure } from '../../model/failure.js';
import type { Block, Finding } from '../../model/finding.js';
import type { PlanDecision } from '../../model/decision.js';
import { Defect } from '../defect.js';
import { IN_THE_FUTURE } from './check/header-check.js';
import { LINE_BYTES_MAX } from './layout.js';
import { linesOf, newLineSplitter, textOf } from '../line-splitter.js';
import { PlanGrammar } from './grammar.js';
import { QUICK_SCHEMAS } from './quick-schemas.js';
import { reformatted } from './reformatted.js';
import type { PlanHeader, PlanTeam, PlanTeamHead } from './schema.js';
import { itemsOf } from '../sorter.js';
import { openSource, type OpenSource, type PlanSource, type ReadingObserver } from '../source.js';
import { openSpool, type Spool } from '../spool.js';
import { Verification, type Verified } from './check/verification.js';

export type { PlanSource } from '../source.js';

/** In bytes: longer lines and larger files are refused. */
export interface ReadLimits {
  readonly lineBytes: number;
  readonly fileBytes: number;
}

/** Enough of a file to recognise it, in bytes. */
const BEGINNING = 64 * 1024;
const DEFAULT_LIMITS: ReadLimits = { lineBytes: LINE_BYTES_MAX, fileBytes: 16 * 1024 ** 3 };

export interface ReadPlanOptions {
  /** Milliseconds since 1970: an `asOf` more than five minutes later is refused. */
  readonly now: number;
  readonly limits?: Partial<ReadLimits>;
  readonly observer?: ReadingObserver | undefined;
}

/**
 * A plan with every byte verified. It yields from a private copy of these bytes, whatever happens to the file meanwhile.
 * Each list can be read more than once; at most one team is held in memory.
 */
export interface VerifiedPlan {
  readonly header: PlanHeader;
  /** `sha256:…`, the digest that stands on the last line. */
  readonly digest: string;
  findings(): AsyncIterable<Finding>;
  blocked(): AsyncIterable<Block>;
  /**
   * @param wanted asked once for every team, in order, just before it would be yielded; an unwanted team's decisions are
   *   skipped unread
   */
  teams(wanted?: (team: PlanTeamHead) => boolean): AsyncIterable<PlanTeam>;
  /** All bytes of the file, as they were verified. A chunk is valid only until the next one is asked for. */
  bytes(): AsyncIterable<Buffer>;
  /** Frees the private copy; safe to call twice. */
  close(): Promise<void>;
}

/**
 * Copies and verifies a plan (docs/design.md, "The plan file"): digest, bytes, fields, order and counts. Every decision's
 * changes must be what the rules derive from its facts or, in a revert plan, the inverse of what it takes back.
 *
 * @throws Failure (refused) naming line, field and reason; (operational) where the file cannot be read
 */
export async function readPlan(source: PlanSource, options: ReadPlanOptions): Promise<VerifiedPlan> {
  const { now, limits, observer } = options;
  const input = await openSource(source);
  observer?.onBegin(input.size);
  try {
    return await verify(input, { ...DEFAULT_LIMITS, ...limits }, now, observer);
  } finally {
    observer?.onEnd();
    await input.close();
  }
}

async function verify(
  input: OpenSource,
  limits: ReadLimits,
  now: number,
  observer: ReadingObserver | undefined,
): Promise<VerifiedPlan> {
  const spool = await openSpool();
  const verification = new Verification(spool, now);
  const lines = newLineSplitter(limits.lineBytes);
  try {
    let bytes = 0;
    for await (const chunk of input.chunks) {
      bytes += chunk.length;
      if (bytes > limits.fileBytes) throw new Defect('', `lies beyond ${limits.fileBytes} bytes`);
      // The copy comes first, because verifying looks things up in it.
      await spool.append(chunk);
      for (const line of lines.push(chunk)) await verification.take(line);
      observer?.onRead(chunk.length);
    }
    if (lines.rest().length > 0) throw new Defect('', 'does not end with a line break: the file was cut off');
    return spooledPlan(verification.end(), spool);
  } catch (error) {
    try {
      if (!(error instanceof Defect)) throw error;
      const { doing } = input;
      const start = await firstOf(spool.read(0, Math.min(BEGINNING, spool.size)));
      const text = start && reformatted(start, lines.rest());
      throw text
        ? new Failure('refused', { doing, ...text }, { cause: error })
        : refusal(doing, verification.place, error);
    } finally {
      await spool.close();
    }
  }
}

async function firstOf(chunks: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  for await (const chunk of chunks) return Buffer.from(chunk);
  return undefined;
}

function refusal(doing: string, place: string, defect: Defect): Failure {
  const where = defect.field === '' ? place : `${place}, field ${defect.field}:`;
  const problem = `${where} ${defect.reason}`;
  return new Failure('refused', { doing, problem, next: remedyOf(defect) }, { cause: defect });
}

function remedyOf({ field, reason }: Defect): string {
  if (field === 'formatVersion')
    return 'Use the version of fix-roles that wrote it (the field tool says which), or make a new one with fix-roles plan.';
  if (field === 'asOf' && reason === IN_THE_FUTURE)
    return 'Check the clock of this machine; if it is right, make a new plan with fix-roles plan.';
  return 'Do not use this file and do not mend it by hand: make a new one with fix-roles plan.';
}

/** Reads what was verified from its private copy. */
function spooledPlan({ header, digest, findings, blocked, teams }: Verified, spool: Spool): VerifiedPlan {
  const schemas = QUICK_SCHEMAS[header.formatVersion];
  return {
    header,
    digest,
    findings: () => itemsOf(spool, schemas.finding(), findings),
    blocked: () => itemsOf(spool, schemas.block(), blocked),
    async *teams(wanted = () => true) {
      const grammar = new PlanGrammar('teams');
      const teamSchema = schemas.team();
      const decisionSchema: z.ZodType<PlanDecision> = schemas[header.kind]();
      let team: PlanTeamHead | undefined;
      let decisions: PlanDecision[] = [];
      for await (const line of linesOf(spool.read(teams.start, teams.end))) {
        const piece = grammar.take(textOf(line));
        if (piece.kind === 'team') {
          const head = teamSchema.parse(JSON.parse(piece.json));
          team = wanted(head) ? head : undefined;
        }
        if (piece.kind === 'decision' && team !== undefined)
          decisions.push(decisionSchema.parse(JSON.parse(piece.json)));
        if (piece.kind === 'team-end' && team !== undefined) {
          yield { team, decisions };
          decisions = [];
        }
      }
    },
    bytes: () => spool.read(),
    close: () => spool.close(),
  };
}
