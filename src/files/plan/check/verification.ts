import { BLOCK_CODES, type BlockCode, type FindingCode } from '../../../model/finding.js';
import { parseCanonical } from '../canonical.js';
import { ConcernList } from './concern-list.js';
import { decisionCheckFor, type CheckedDecision, type DecisionCheck } from './decision-check.js';
import { Defect } from '../../defect.js';
import { Digest } from '../../digest.js';
import { checkSummary, placeInHeader, readHeader } from './header-check.js';
import { textOf } from '../../line-splitter.js';
import { PlanGrammar, type Piece } from '../grammar.js';
import { PeopleTally } from '../people.js';
import { QUICK_SCHEMAS, type QuickSchemas } from '../quick-schemas.js';
import type { PlanHeader, PlanTeamHead } from '../schema.js';
import type { Range, Spool } from '../../spool.js';
import { SummaryTally } from '../summary-tally.js';
import { inTeamOrder } from '../../../model/team.js';

const LF = Buffer.from('\n');

/** Of these findings a plan must hold exactly those that follow from the facts of a user with changes. */
const DERIVED_FINDINGS: readonly FindingCode[] = [
  'duplicate-active-role',
  'owner-without-membership',
  'unknown-role',
  'unlinked-row',
];

/** A plan with every line verified; the ranges say where the items of its lists stand. */
export interface Verified {
  readonly header: PlanHeader;
  readonly digest: string;
  readonly findings: Range;
  readonly blocked: Range;
  readonly teams: Range;
}

/** Verifies a plan against docs/design.md, "The plan file", line by line: it holds one line at a time. */
export class Verification {
  readonly #spool: Spool;
  readonly #now: number;
  readonly #grammar = new PlanGrammar();
  readonly #hash = new Digest();
  readonly #tally = new SummaryTally();
  #lines = 0;
  #bytes = 0;
  #place = 'line 1';
  #headerLines: readonly string[] = [];
  #known: Known | undefined;
  #team: OpenTeam | undefined;
  #lastTeam: PlanTeamHead | undefined;
  #teams: Range = { start: 0, end: 0 };
  #digest = '';

  /**
   * @param spool holds the bytes of the lines; it must be filled ahead of `take`
   * @param now milliseconds since 1970
   */
  constructor(spool: Spool, now: number) {
    this.#spool = spool;
    this.#now = now;
  }

  /** Where a `Defect` that it throws stands: "line 17". */
  get place(): string {
    return this.#place;
  }

  /** @throws Defect where the next line, given without its LF, is wrong */
  async take(line: Buffer): Promise<void> {
    const at: Range = { start: this.#bytes, end: this.#bytes + line.length + LF.length };
    const piece = this.#grammar.take(textOf(line));
    if (piece.kind !== 'digest') {
      this.#hash.update(line);
      this.#hash.update(LF);
    }
    await this.#check(piece, at);
    this.#bytes = at.end;
    this.#lines += 1;
    this.#place = `line ${this.#lines + 1}`;
  }

  /** @throws Defect where the plan cannot end here */
  end(): Verified {
    this.#grammar.end();
    const { header, findings, blocked } = this.#header();
    const ranges = { findings: findings.range, blocked: blocked.range, teams: this.#teams };
    return { header, digest: this.#digest, ...ranges };
  }

  async #check(piece: Piece, at: Range): Promise<void> {
    switch (piece.kind) {
      case 'frame':
        return;
      case 'header': {
        this.#headerLines = piece.lines;
        const header = this.#inHeader(() => readHeader(piece.lines, this.#now));
        const schemas = QUICK_SCHEMAS[header.formatVersion];
        this.#known = {
          header,
          schemas,
          check: decisionCheckFor(header),
          findings: new ConcernList(this.#spool, schemas.finding(), header.mapping),
          blocked: new ConcernList(this.#spool, schemas.block(), header.mapping),
        };
        return;
      }
      case 'finding': {
        const { check, findings } = this.#header();
        const finding = findings.take(piece.json, at);
        demandCode(finding.code, check.findings);
        check.finding(finding);
        this.#tally.finding(finding.code);
        return;
      }
      case 'block': {
        const { check, blocked } = this.#header();
        const { code } = blocked.take(piece.json, at);
        demandCode(code, check.blocked);
        this.#tally.block(code);
        return;
      }
      case 'team':
        return this.#beginTeam(parseTeam(piece.json, this.#header().schemas), at);
      case 'decision':
        return this.#takeDecision(this.#header().check.decision(piece.json, this.#openTeam().head));
      case 'team-end':
        await this.#endTeam();
        this.#teams = { start: this.#teams.start, end: at.end };
        return;
      case 'digest':
        if (this.#hash.finish() !== piece.digest) {
          throw new Defect('digest', 'does not match: the file was changed after it was written');
        }
        this.#digest = piece.digest;
        this.#inHeader(() => {
          checkSummary(this.#header().header, this.#tally);
        });
    }
  }

  async #beginTeam(team: PlanTeamHead, at: Range): Promise<void> {
    const { check, findings, blocked } = this.#header();
    check.team(team);
    if (this.#lastTeam === undefined) this.#teams = at;
    else {
      if (inTeamOrder(this.#lastTeam, team) >= 0)
        throw new Defect('team.id', 'does not come after the one before');
      if (this.#lastTeam.state !== 'missing' && team.state === 'missing') {
        // Missing teams stand last, and begin again at the lowest id.
        findings.rewind();
        blocked.rewind();
      }
    }
    this.#lastTeam = team;
    for (const code of BLOCK_CODES) {
      if (blocked.holds(code) && (await blocked.has(code, team.id, null)))
        throw new Defect('team.id', `is blocked (${code})`);
    }
    this.#tally.team();
    this.#team = { head: team, lastUser: undefined, holdsRoles: false, people: new PeopleTally() };
  }

  async #takeDecision({ decision, findings: derived }: CheckedDecision): Promise<void> {
    const { findings, blocked } = this.#header();
    const team = this.#openTeam();
    if (team.lastUser !== undefined && decision.user <= team.lastUser) {
      throw new Defect('user', 'does not come after the one before');
    }
    team.lastUser = decision.user;
    if (decision.observed.mongo.length + decision.observed.postgres.length > 0) team.holdsRoles = true;
    for (const code of BLOCK_CODES) {
      if (blocked.holds(code) && (await blocked.has(code, team.head.id, decision.user))) {
        throw new Defect('user', `is blocked in this team (${code})`);
      }
    }
    for (const code of DERIVED_FINDINGS) {
      const found = findings.holds(code) && (await findings.has(code, team.head.id, decision.user));
      if (found && !derived.includes(code)) {
        throw new Defect('observed', `contradicts the finding ${code} about this user`);
      }
      if (!found && derived.includes(code)) {
        throw new Defect('observed', `calls for the finding ${code}, which is not listed`);
      }
    }
    team.people.add(decision);
    this.#tally.decision(decision);
  }

  async #endTeam(): Promise<void> {
    const { head, lastUser, holdsRoles, people } = this.#openTeam();
    if (lastUser === undefined) throw new Defect('', 'ends a team without a decision');
    people.check(head);
    const { check, findings } = this.#header();
    const code = check.teamFinding(head, holdsRoles);
    if (code !== null && !(await findings.has(code, head.id, null))) {
      throw new Defect('', `ends a team that calls for the finding ${code}, which is not listed`);
    }
    this.#team = undefined;
  }

  /** The lines of a header are read together, so only the defect knows which of them is wrong. */
  #inHeader<Result>(check: () => Result): Result {
    try {
      return check();
    } catch (error) {
      if (error instanceof Defect) this.#place = placeInHeader(this.#headerLines, error);
      throw error;
    }
  }

  /** The grammar lets nothing stand before the header. */
  #header(): Known {
    if (this.#known === undefined) throw new Defect('', 'stands before the header');
    return this.#known;
  }

  #openTeam(): OpenTeam {
    if (this.#team === undefined) throw new Defect('', 'stands outside of a team');
    return this.#team;
  }
}

function parseTeam(json: string, schemas: QuickSchemas): PlanTeamHead {
  try {
    return parseCanonical(json, schemas.team());
  } catch (error) {
    throw error instanceof Defect ? error.within('team') : error;
  }
}

function demandCode<Code extends string>(code: Code, allowed: readonly Code[]): void {
  if (!allowed.includes(code)) throw new Defect('code', `is ${code}, which does not occur in such a plan`);
}

interface Known {
  readonly header: PlanHeader;
  readonly schemas: QuickSchemas;
  readonly check: DecisionCheck;
  readonly findings: ConcernList<FindingCode>;
  readonly blocked: ConcernList<BlockCode>;
}

interface OpenTeam {
  readonly head: PlanTeamHead;
  lastUser: string | undefined;
  holdsRoles: boolean;
  readonly people: PeopleTally;
}
